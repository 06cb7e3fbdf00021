package books

import (
	"path"
	"strings"
)

// listLinks lists files that have the name of one that declares packages only by a link: a runtime reads them there, and Trivy follows no links. What
// such a link leads to is listed at its own place where it has that name there too, as in environments of Python and stores of packages that are made of
// links.
func (l *lister) listLinks() {
	l.tree.Links(func(at string) bool {
		l.inFolder = false
		l.listLinked(at)
		switch {
		case !leadsToNames(path.Base(at)):
		case len(l.tree.Names(at)) == 0 && l.parserOf(at) == nil && leadsToKernel(l.tree, at):
			l.add(Declaration{Path: at, Broken: ofContainers})
		default:
			l.listBelow(at, 2)
		}
		return true
	})
}

const ofContainers = "it is a link through /proc or /dev, so what it leads to is known in a container only; put the file itself there"

// leadsToNames: a file in this folder declares packages because of the name of the folder.
func leadsToNames(folder string) bool {
	lower := strings.ToLower(folder)
	switch lower {
	case "egg-info", "specifications", "default", "conda-meta", "composer":
		return true
	}
	return isInfo(lower)
}

func (l *lister) listBelow(folder string, levels int) {
	names := l.tree.Names(folder)
	if err := l.budget.takeEntries(len(names)); err != nil {
		l.file = folder
		l.add(Declaration{Path: folder, Broken: unreadable(err)})
		return
	}
	for _, name := range names {
		at := path.Join(folder, name)
		l.listLinked(at)
		if levels > 1 && name == "default" { // of the specifications of Ruby
			l.listBelow(at, levels-1)
		}
	}
}

// listLinked lists what is at the end of a link, unless it is listed as the same kind at its own place.
func (l *lister) listLinked(at string) {
	declare := l.parserOf(at)
	if declare == nil {
		return
	}
	l.file = at
	file, found := l.tree.Resolve(at)
	if !found && leadsToKernel(l.tree, at) {
		var d Declaration
		declare(&d, nil)
		l.add(Declaration{Path: at, Kind: d.Kind, Broken: ofContainers})
		return
	}
	if !found || file.Path == at {
		return
	}
	l.file = file.Path
	d := l.declared(file, at, declare)
	if own := l.parserOf(file.Path); own != nil && l.declared(file, file.Path, own).Kind == d.Kind {
		return
	}
	if d.Kind != "" {
		l.add(d)
	}
}

// declared by the text of a file, under one of its names.
func (l *lister) declared(f File, at string, declare func(*Declaration, []byte)) Declaration {
	d := Declaration{Path: at, Layer: f.Layer}
	text, err := l.text(f)
	declare(&d, text)
	if err != nil { // what was declared of nothing is only its kind
		d.Nameless, d.Broken = "", unreadText(err)
	}
	return d
}
