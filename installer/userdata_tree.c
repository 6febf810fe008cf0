/* SPDX-License-Identifier: Apache-2.0 */
#include "userdata_tree.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "lib/utf8.h"

#define DEPTH_MAX  16
#define PATH_BYTES 512

/* A mapping or a list that is being read. */
struct level {
	size_t path_bytes; /* of the path to it */
	bool list, has_key;
	bool empty; /* nothing is in it so far */
	unsigned index;
};

struct walk {
	char path[PATH_BYTES];
	struct level levels[DEPTH_MAX];
	unsigned lines[DEPTH_MAX]; /* of the name or item that each level is at */
	size_t depth;
	bool ended; /* the document */
	int (*take)(const struct userdata_leaf *leaf, void *arg, struct fail *why);
	void *arg;
};

/* The path of what comes now gets the part for it. */
static int extend(struct walk *walk, const char *part, size_t bytes, struct fail *why)
{
	size_t used = walk->levels[walk->depth - 1].path_bytes;
	int n = snprintf(walk->path + used, sizeof(walk->path) - used, "%s%.*s", used ? "/" : "",
			 (int)bytes, part);

	if (n < 0 || (size_t)n >= sizeof(walk->path) - used)
		return fail_with(why, EINVAL, "the names down to \"%.60s\" are too long", part);
	return 0;
}

/* Before the value of a key or the next item of a list. */
static int begin_value(struct walk *walk, unsigned line, struct fail *why)
{
	struct level *level;
	char number[12];

	if (walk->depth == 0)
		return 0;
	level = &walk->levels[walk->depth - 1];
	level->empty = false;
	if (!level->list) {
		if (!level->has_key)
			return fail_with(why, EINVAL, "a name must be a word");
		level->has_key = false;
		return 0;
	}
	walk->lines[walk->depth - 1] = line;
	snprintf(number, sizeof(number), "%u", level->index++);
	return extend(walk, number, strlen(number), why);
}

static int begin(struct walk *walk, bool list, unsigned line, struct fail *why)
{
	int r = begin_value(walk, line, why);

	if (r < 0)
		return r;
	if (walk->depth == DEPTH_MAX)
		return fail_with(why, EINVAL, "more than %d levels", DEPTH_MAX);
	walk->levels[walk->depth] =
		(struct level){ .path_bytes = strlen(walk->path), .list = list, .empty = true };
	walk->depth++;
	return 0;
}

/* What a name is without a value, which may be a name that nothing has. */
static int take_nothing(struct walk *walk, unsigned line, struct fail *why)
{
	const struct userdata_leaf leaf = { .path = walk->path,
					    .line = line,
					    .lines = walk->lines };

	return walk->take(&leaf, walk->arg, why);
}

static int end(struct walk *walk, unsigned line, struct fail *why)
{
	const struct level *level;
	int r = 0;

	if (walk->depth == 0) /* libyaml has seen to it */
		return fail_with(why, EINVAL, "an end without a beginning");
	level = &walk->levels[--walk->depth];
	walk->path[level->path_bytes] = '\0';
	if (level->empty && level->path_bytes > 0)
		r = take_nothing(walk, line, why);
	return r;
}

static int check_tag(const yaml_char_t *tag, struct fail *why)
{
	if (!tag)
		return 0;
	return fail_with(why, EINVAL, "a tag, %.60s, is not understood", (const char *)tag);
}

static int take_name(struct walk *walk, const char *text, size_t bytes, unsigned line,
		     struct fail *why)
{
	if (bytes == 0 || strlen(text) != bytes || !utf8_is_plain(text) || strchr(text, '/'))
		return fail_with(why, EINVAL, "\"%.60s\" is no name of anything", text);
	walk->levels[walk->depth - 1].has_key = true;
	walk->lines[walk->depth - 1] = line;
	return extend(walk, text, bytes, why);
}

static bool is_null(const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;

	return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static int take_scalar(struct walk *walk, const yaml_event_t *event, unsigned line,
		       struct fail *why)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t bytes = event->data.scalar.length;
	struct userdata_leaf leaf = {
		.path = walk->path, .value = text, .line = line, .lines = walk->lines
	};
	int r;

	if (walk->depth == 0)
		return is_null(event) ? 0 : fail_with(why, EINVAL, "no \"name: value\"");
	if (!walk->levels[walk->depth - 1].list && !walk->levels[walk->depth - 1].has_key)
		return take_name(walk, text, bytes, line, why);
	r = begin_value(walk, line, why);
	if (r < 0)
		return r;
	if (is_null(event))
		return take_nothing(walk, line, why);
	if (strlen(text) != bytes)
		return fail_with(why, EINVAL, "%s: a NUL byte in its value", walk->path);
	return walk->take(&leaf, walk->arg, why);
}

static int take_event(struct walk *walk, const yaml_event_t *event, unsigned line, struct fail *why)
{
	int r;

	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return walk->ended ? fail_with(why, EINVAL, "a second document begins") : 0;
	case YAML_DOCUMENT_END_EVENT:
		walk->ended = true;
		return 0;
	case YAML_ALIAS_EVENT:
		return fail_with(why, EINVAL, "an alias, *%.60s, is not understood",
				 (const char *)event->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		r = check_tag(event->data.scalar.tag, why);
		return r < 0 ? r : take_scalar(walk, event, line, why);
	case YAML_MAPPING_START_EVENT:
		r = check_tag(event->data.mapping_start.tag, why);
		return r < 0 ? r : begin(walk, false, line, why);
	case YAML_SEQUENCE_START_EVENT:
		r = check_tag(event->data.sequence_start.tag, why);
		return r < 0 ? r : begin(walk, true, line, why);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return end(walk, line, why);
	default:
		return 0;
	}
}

static int parse(yaml_parser_t *parser, struct walk *walk, unsigned *line, struct fail *why)
{
	yaml_event_t event;
	bool end = false;
	int r = 0;

	while (r == 0 && !end) {
		if (!yaml_parser_parse(parser, &event)) {
			*line = (unsigned)parser->problem_mark.line + 1;
			return fail_with(why, EINVAL, "%s",
					 parser->problem ? parser->problem : "this is no YAML");
		}
		*line = (unsigned)event.start_mark.line + 1;
		end = event.type == YAML_STREAM_END_EVENT;
		r = take_event(walk, &event, *line, why);
		yaml_event_delete(&event);
	}
	return r;
}

int userdata_tree(const char *text, size_t bytes,
		  int (*take)(const struct userdata_leaf *leaf, void *arg, struct fail *why),
		  void *arg, struct fail *why)
{
	struct walk walk = { .take = take, .arg = arg };
	struct fail mistake = { 0 };
	yaml_parser_t parser;
	unsigned line = 1;
	int r;

	if (!yaml_parser_initialize(&parser))
		return fail_errno(why, ENOMEM, "start libyaml");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, bytes);
	r = parse(&parser, &walk, &line, &mistake);
	yaml_parser_delete(&parser);
	explicit_bzero(&walk, sizeof(walk));
	return r < 0 ? fail_with(why, EINVAL, "line %u: %s", line, mistake.msg) : 0;
}
