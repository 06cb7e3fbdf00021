package books

import "slices"

// List gives everything that the image declares to have installed, and what of it cannot be told. A file that is of a package of the operating
// system has its owner.
func List(tree Tree) []Declaration {
	languages := LanguagePackages(tree)
	files := make([]string, len(languages))
	for n, d := range languages {
		files[n] = d.file
	}
	owners := OwnersOf(tree, slices.Compact(slices.Sorted(slices.Values(files))))
	for n, file := range files {
		if owner, known := owners[file]; known {
			languages[n].Owner = &owner
		}
	}
	return slices.Concat(SystemPackages(tree), Undecided(tree), languages)
}
