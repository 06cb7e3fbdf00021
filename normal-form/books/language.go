package books

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// LanguagePackages lists every file of the tree that declares packages of a programming language, by what is in it. Lock files are intent, and not
// listed. In order of path, then of kind. A file that cannot be read at all has no kind.
func LanguagePackages(tree Tree) []Declaration {
	l := &lister{tree: tree, budget: wholeBudget(), tallies: map[string]*tally{}}
	tree.Files(func(f File) bool {
		l.list(f)
		return true
	})
	l.listLinks()
	for at, t := range l.tallies {
		l.file, l.inFolder = at, false
		l.add(t.declaration(at))
	}
	slices.SortStableFunc(l.declarations, func(a, b Declaration) int {
		if a.Path != b.Path {
			return strings.Compare(a.Path, b.Path)
		}
		return strings.Compare(string(a.Kind), string(b.Kind))
	})
	return l.declarations
}

// lister goes through the files of a tree.
type lister struct {
	tree         Tree
	sniffer      sniffer
	window       []byte // of a program that is read through
	budget       budget
	declarations []Declaration
	tallies      map[string]*tally // by the path of the folder
	file         string            // that is listed now
	inFolder     bool              // what Trivy does not read of this file is counted with its folder
}

func (l *lister) add(d Declaration) {
	if l.inFolder && d.Unread != "" {
		return
	}
	d.file = l.file
	l.declarations = append(l.declarations, d)
}

func unreadable(err error) string {
	return fmt.Sprintf("it cannot be read: %.200q; run the scan again", err)
}

func unreadText(err error) string {
	return fmt.Sprintf("it cannot be read: %.200q; make it smaller, or delete it", err)
}

// list a file as everything that it is. A parser that panics, on a file that was made for that, has told nothing.
func (l *lister) list(f File) {
	defer func() {
		if wrong := recover(); wrong != nil {
			l.add(Declaration{Path: f.Path, Layer: f.Layer, Broken: fmt.Sprintf("its reader fails: %.200q; delete the file", fmt.Sprint(wrong))})
		}
	}()
	l.file = f.Path
	of, at, thing, isIn := folderOf(f.Path)
	if l.inFolder = isIn; isIn {
		if l.tallies[at] == nil {
			l.tallies[at] = &tally{folder: of}
		}
		l.tallies[at].count(thing, f.Layer)
	}
	look, err := l.sniffer.look(f)
	if err != nil {
		l.add(Declaration{Path: f.Path, Layer: f.Layer, Broken: unreadable(err)})
		return
	}
	l.listText(f, look)
	if look.isProgram {
		l.listProgram(f)
	}
	if look.isArchive {
		l.budget.file = mostOfFile
		l.listArchive(archive{path: f.Path, layer: f.Layer, from: f, size: f.Size})
	}
}

// listText lists a file that package managers know by its name.
func (l *lister) listText(f File, look looks) {
	d := Declaration{Path: f.Path, Layer: f.Layer}
	declare := l.parserOf(f.Path)
	if declare == nil {
		if l.declareUnread(&d, look, f) {
			l.add(d)
		}
		return
	}
	d = l.declared(f, f.Path, declare)
	if d.Kind != "" {
		l.add(d)
	}
}

func (l *lister) parserOf(name string) func(*Declaration, []byte) {
	switch {
	case isNodePackage(name):
		return declareNode
	case isPythonMetadata(name) && !l.isOutranked(name):
		return declarePython
	case isDotNetDependencies(name):
		return declareDotNet
	case isGemSpecification(name):
		return declareGem
	case isGemFromGit(name):
		return func(d *Declaration, _ []byte) { d.Kind, d.Unread = Ruby, gemFromGit }
	case isComposerInventory(name):
		return func(d *Declaration, text []byte) {
			if !declareComposer(d, text) {
				*d = Declaration{Path: d.Path, Layer: d.Layer}
			}
		}
	case l.isOnlyForPHP(name):
		return func(d *Declaration, _ []byte) {
			d.Kind, d.Unread = Composer, "packages of Composer without installed.json, which Trivy reads; run composer install again"
		}
	case isCondaPackage(name):
		return declareConda
	}
	return nil
}

// isOutranked: Python reads PKG-INFO only where no METADATA stands beside it.
func (l *lister) isOutranked(name string) bool {
	if path.Base(name) != "PKG-INFO" {
		return false
	}
	better, found := l.tree.Resolve(path.Join(path.Dir(name), "METADATA"))
	return found && better.Size > 0
}
