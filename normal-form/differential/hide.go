package differential

import (
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

var hidings = slices.Concat(textHidings, jsonHidings, headerHidings, databaseHidings, archiveHidings, programHidings, gemHidings, placeHidings, layerHidings)

func (h hiding) fits(manager string) bool {
	return h.managers == "" || slices.Contains(strings.Fields(h.managers), manager)
}

// hideSomething picks a file first, so that each manager gets its share.
func (i *packageImage) hideSomething() {
	if len(i.declaring) == 0 {
		return
	}
	manager := pick(i.generator, i.managers...)
	var files []*declaring
	for _, d := range i.declaring {
		if d.manager == manager {
			files = append(files, d)
		}
	}
	var fitting []hiding
	for _, h := range hidings {
		if h.fits(manager) && strings.Contains(h.name, os.Getenv("HIDING")) {
			fitting = append(fitting, h)
		}
	}
	if len(files) == 0 || len(fitting) == 0 {
		return
	}
	h := pick(i.generator, fitting...)
	i.tricks = append(i.tricks, h.name+" ("+manager+")")
	h.do(i, pick(i.generator, files...))
}

// edit is a hiding that changes the text of a file.
func edit(name, managers string, change func(i *packageImage, text string) string) hiding {
	return hiding{name, managers, func(i *packageImage, at *declaring) { at.set(change(i, string(at.data))) }}
}
