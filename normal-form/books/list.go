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
		files[n] = realFile(tree, d.Path)
	}
	owners := OwnersOf(tree, slices.Compact(slices.Sorted(slices.Values(files))))
	for n, file := range files {
		if owner, known := owners[file]; known {
			languages[n].Owner = &owner
		}
	}
	return slices.Concat(SystemPackages(tree), Undecided(tree), languages)
}

// realFile is the file that a declaration is in: of a nested archive the outermost one, of a link the one that it leads to.
func realFile(tree Tree, place string) string {
	for at := place; at != "."; at = path.Dir(at) {
		if file, ok := tree.Resolve(at); ok {
			return file.Path
		}
	}
	return place
}
