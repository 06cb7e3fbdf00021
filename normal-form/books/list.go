package books

import (
	"path"
	"slices"
)

// List gives everything that the image declares to have installed, and what of it cannot be told. A file that is of a package of the operating
// system has its owner.
func List(tree Tree) []Declaration {
	languages := LanguagePackages(tree)
	files := make([]string, len(languages))
	for n, d := range languages {
		files[n] = outermost(tree, d.Path)
	}
	owners := OwnersOf(tree, slices.Compact(slices.Sorted(slices.Values(files))))
	for n, file := range files {
		if owner, known := owners[file]; known {
			languages[n].Owner = &owner
		}
	}
	return slices.Concat(SystemPackages(tree), Undecided(tree), languages)
}

// outermost is the file that a declaration is in: of a nested archive the outermost one.
func outermost(tree Tree, place string) string {
	for at := place; at != "."; at = path.Dir(at) {
		if file, ok := tree.Resolve(at); ok && file.Path == at {
			return at
		}
	}
	return place
}
