/* SPDX-License-Identifier: Apache-2.0 */
/* Files to and from a FAT file system in a plain file, by mtools. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "installer/fat.h"
#include "installer/fat_tree.h"
#include "lib/cleanup.h"
#include "lib/proc.h"
#include "test.h"

static char image[64];

static void begin(void)
{
	const char *const argv[] = { "mkfs.fat", "-C", image, "1440", NULL };
	struct fail why = { 0 };

	strcpy(image, "/tmp/palette-fat-XXXXXX");
	close(mkstemp(image));
	(void)unlink(image);
	if (proc_run(argv, NULL, 0, &why) < 0)
		fail_msg("%s", why.msg);
}

TEST(a_file_is_read_up_to_its_limit_and_refused_beyond)
{
	static char text[200000];
	autofree uint8_t *got = NULL;
	struct fail why = { 0 };
	size_t bytes = 0;

	begin();
	memset(text, 'x', sizeof(text));
	CHECK_INT(fat_put(image, text, sizeof(text), "large", &why), 0);
	CHECK_INT(fat_get(image, "large", sizeof(text), &got, &bytes, &why), 0);
	CHECK_INT(bytes, sizeof(text));
	CHECK_MEM(got, text, bytes);
	CHECK_INT(got[bytes], '\0');
	free(take_ptr(got));
	CHECK_INT(fat_get(image, "large", sizeof(text) - 1, &got, &bytes, &why), -EFBIG);
	CHECK(strstr(why.msg, "large has more than 199999 bytes"));
	CHECK(fat_get(image, "absent", 10, &got, &bytes, &why) < 0);
	CHECK(strstr(why.msg, "read absent of the FAT file system"));
	(void)unlink(image);
}

TEST(a_tree_comes_back_as_it_was_written_and_what_differs_is_named)
{
	static const char *const both[] = { "palette/a/vmlinuz", "palette/b/vmlinuz" };
	static const char *const one[] = { "boot/grub/grub.cfg", NULL };
	static const char *const mark[] = { "palette/pending-0123456789abcdef", NULL };
	static const char *const absent[] = { "palette/absent", NULL };
	struct fat_tree tree = { 0 };
	char data[3000];
	struct fail why = { 0 };

	begin();
	memset(data, 'k', sizeof(data));
	CHECK_INT(fat_tree_add(&tree, data, sizeof(data), both, &why), 0);
	CHECK_INT(fat_tree_add(&tree, "", 0, mark, &why), 0);
	CHECK_INT(fat_tree_add(&tree, "menu\n", 5, one, &why), 0);
	if (fat_tree_write(&tree, image, &why) < 0)
		fail_msg("%s", why.msg);
	CHECK_INT(fat_tree_check(&tree, image, "it", &why), 0);
	data[2999] = 'x';
	CHECK_INT(fat_put(image, data, sizeof(data), both[1], &why), 0);
	CHECK_INT(fat_tree_check(&tree, image, "it", &why), -EBADMSG);
	CHECK_STR(why.msg,
		  "palette/b/vmlinuz on it is not what was written; the disk or its cable is "
		  "damaged");
	CHECK_INT(fat_tree_write(&tree, image, &why), 0);
	/* Shorter, longer, and not there. */
	CHECK_INT(fat_put(image, "men", 3, one[0], &why), 0);
	CHECK_INT(fat_tree_check(&tree, image, "it", &why), -EBADMSG);
	CHECK_INT(fat_put(image, "menu\n\n", 6, one[0], &why), 0);
	CHECK_INT(fat_tree_check(&tree, image, "it", &why), -EBADMSG);
	CHECK_INT(fat_tree_write(&tree, image, &why), 0);
	CHECK_INT(fat_tree_add(&tree, "", 0, absent, &why), 0);
	CHECK(fat_tree_check(&tree, image, "it", &why) < 0);
	CHECK(strstr(why.msg, "read the FAT file system"));
	fat_tree_done(&tree);
	(void)unlink(image);
}
