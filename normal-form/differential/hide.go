package differential

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// hiding is one thing that somebody does so that a package is overlooked.
type hiding struct {
	name     string
	managers string // whose files it is made for, separated by blanks; empty for all
	do       func(i *packageImage, at *declaring)
}

// contentHidings are about what is in one file.
var contentHidings = slices.Concat(textHidings, jsonHidings, headerHidings, archiveHidings, programHidings, gemHidings)

var hidings = slices.Concat(contentHidings, sizeHidings, databaseHidings, placeHidings, layerHidings)

func (h hiding) fits(manager string) bool {
	return h.managers == "" || slices.Contains(strings.Fields(h.managers), manager)
}

// hideSomething picks a file first, so that each manager gets its share.
func (i *packageImage) hideSomething() {
	if len(i.declaring) == 0 {
		return
	}
	manager := pick(i.generator, i.managers...)
	if i.oneIn(3) { // there is one database, and many files of languages
		manager = i.managers[0]
	}
	var files []*declaring
	for _, d := range i.declaring {
		if d.manager == manager {
			files = append(files, d)
		}
	}
	if len(files) > 0 {
		i.hide(pick(i.generator, files...), hidings)
	}
}

// hide a file in one of the ways that fit.
func (i *packageImage) hide(at *declaring, ways []hiding) {
	var fitting []hiding
	for _, h := range ways {
		if h.fits(at.manager) && strings.Contains(h.name, os.Getenv("HIDING")) {
			fitting = append(fitting, h)
		}
	}
	if len(fitting) > 0 {
		h := pick(i.generator, fitting...)
		i.tricks = append(i.tricks, h.name+" ("+at.manager+")")
		h.do(i, at)
	}
}

// crowd adds many copies of the files by which an installation says what it is, each in a folder of its own and with something else done to it: that
// costs hardly more than one.
func (i *packageImage) crowd(of *installation) {
	copies := map[string]int{"maven": 8, "go": 3, "cargo": 3}[of.manager]
	if copies == 0 {
		copies = 30
	}
	first := len(i.declaring)
	only := &installation{manager: of.manager}
	for _, e := range of.entries {
		if e.kind == '0' && declares(of.manager, e.name) {
			only.entries = append(only.entries, e)
		}
	}
	managers := i.managers
	defer func() { i.managers = managers }() // a crowd counts as one
	for n := range copies {
		i.install(only, fmt.Sprintf("crowd/%d", n), i.Intn(len(i.layers)))
	}
	for _, each := range i.declaring[first:] {
		for range 1 + i.Intn(2) {
			i.hide(each, contentHidings)
		}
	}
}

// least of a file that is worth a change. Others may have emptied it before.
const least = 64

// edit is a hiding that changes the text of a file.
func edit(name, managers string, change func(i *packageImage, text string) string) hiding {
	return hiding{name, managers, func(i *packageImage, at *declaring) {
		if len(at.data) >= least {
			at.set(change(i, string(at.data)))
		}
	}}
}
