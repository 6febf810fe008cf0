/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

size_t utf8_point(const unsigned char *p, uint32_t *ret)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *p < 0x80 ? 1 : *p >= 0xf0 && *p < 0xf5 ? 4 : *p >= 0xe0 ? 3 : 2;
	uint32_t point = *p;

	if (n == 1) {
		*ret = point;
		return 1;
	}
	if (*p < 0xc2 || *p > 0xf4)
		return 0;
	point &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3f);
	}
	if (point < smallest[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	*ret = point;
	return n;
}

bool utf8_is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

size_t utf8_length(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

bool utf8_is_plain(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	while (*p) {
		uint32_t point;
		size_t n = utf8_point(p, &point);

		if (n == 0 || utf8_is_control(point))
			return false;
		p += n;
	}
	return true;
}

void utf8_clean(char *text)
{
	unsigned char *p = (unsigned char *)text;

	while (*p) {
		uint32_t point = 0;
		size_t n = utf8_point(p, &point);

		if (n == 0 || (utf8_is_control(point) && point != '\n' && point != '\t'))
			for (size_t i = 0; i < (n ? n : 1); i++)
				p[i] = '?';
		p += n ? n : 1;
	}
}
