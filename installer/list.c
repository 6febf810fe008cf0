/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

#include <inttypes.h>
#include <string.h>

#define ROW_COLUMNS 100

static void print_offered(const struct disk *disk, FILE *out)
{
	char row[300], detail[600];

	fprintf(out, "%s\n", disk_row(disk, ROW_COLUMNS, row, sizeof(row)));
	fprintf(out, "    %s\n", disk_detail(disk, detail, sizeof(detail)));
}

void list_print(const struct disks *disks, FILE *out)
{
	size_t n_offered = 0;

	for (size_t i = 0; i < disks->n; i++) {
		if (disks->items[i].excluded)
			continue;
		print_offered(&disks->items[i], out);
		n_offered++;
	}
	if (n_offered == 0)
		fprintf(out, "No disk can be installed on.\n");
	if (n_offered == disks->n)
		return;
	fprintf(out, "\nNot offered:\n");
	for (size_t i = 0; i < disks->n; i++) {
		const struct disk *disk = &disks->items[i];

		if (disk->excluded)
			fprintf(out, "%-12s %s\n", disk->path, disk->reason);
	}
}

static void print_json_text(const char *key, const char *text, FILE *out)
{
	fprintf(out, ", \"%s\": \"", key);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

void list_print_json(const struct disks *disks, FILE *out)
{
	fputc('[', out);
	for (size_t i = 0; i < disks->n; i++) {
		const struct disk *disk = &disks->items[i];

		fprintf(out, "%s\n  {\"size\": %" PRIu64 ", \"sector\": %u", i ? "," : "",
			disk->size_bytes, disk->logical_bytes);
		print_json_text("path", disk->path, out);
		print_json_text("transport", disk_transport_name(disk->transport), out);
		print_json_text("vendor", disk->vendor, out);
		print_json_text("model", disk->model, out);
		print_json_text("serial", disk->serial, out);
		print_json_text("wwn", disk->wwn, out);
		print_json_text("location", disk->location, out);
		print_json_text("content", disk->content, out);
		fprintf(out, ", \"diskseq\": %" PRIu64 ", \"offered\": %s", disk->diskseq,
			disk->excluded ? "false" : "true");
		if (disk->excluded)
			print_json_text("reason", disk->reason, out);
		fputc('}', out);
	}
	fprintf(out, "%s]\n", disks->n ? "\n" : "");
}
