# Palette Edge: the installer ISO and the appliance it installs.
#
#	sudo make deps iso      builds build/palette-edge.iso
#	sudo make deps check    runs every test
#	make help               the rest

SHELL := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:

O     ?= build
SUITE ?= trixie
# Where fetched packages are kept between builds.
CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/palette-edge

include Makefile.programs
include Makefile.images
include Makefile.web
include Makefile.tests

.PHONY: all help deps clean
all: programs

help:
	@sed -n 's/^## //p' Makefile Makefile.programs Makefile.images Makefile.web Makefile.tests

## sudo make deps    installs what building needs (mmdebstrap, the page's npm packages) and makes the build root
deps: $(O)/root.stamp $(WEB_MODULES)

$(O)/root.stamp: image/buildroot.sh image/packages/build.list
	image/buildroot.sh $(SUITE) $(O)/root $(CACHE)
	touch $@

clean:
	rm -rf $(O) $(WEB)/node_modules
