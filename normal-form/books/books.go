// Package books lists what an image declares to have installed, from the files of its final tree and by their content, and compares that list with
// the report of a scan: every file that declares packages is in the report, or the reason why not is known.
package books

import "io"

// File is a regular file of the tree that all layers make together.
type File struct {
	Path string // from the root, without a slash in front
	Size int64
	// Layer is the place in the manifest of the layer that it comes from.
	Layer int
	io.ReaderAt
}

// Tree is what a runtime shows of the image.
type Tree interface {
	// Files yields every regular file once, in the order of their paths.
	Files(yield func(File) bool)
	// Resolve walks to a path as the kernel does in a container, through links. The file has its real path. False if no regular file is there.
	Resolve(path string) (File, bool)
	// Names of what a folder holds, sorted; the way to it may lead through links. Empty if there is no such folder.
	Names(folder string) []string
	// Link is where the link at that very path leads, as it is written. False if no link is there. By it a folder that is a link to nothing is
	// told from an empty one.
	Link(path string) (string, bool)
	// Links yields the path of every link, in their order.
	Links(yield func(path string) bool)
}

// Kind of what declares packages, as Trivy calls the type of a result, or a package manager of an operating system.
type Kind string

const (
	Dpkg Kind = "dpkg"
	Apk  Kind = "apk"
	Rpm  Kind = "rpm"

	Node     Kind = "node-pkg"
	Python   Kind = "python-pkg"
	Jar      Kind = "jar"
	Go       Kind = "gobinary"
	Rust     Kind = "rustbinary"
	DotNet   Kind = "dotnet-core"
	Ruby     Kind = "gemspec"
	Composer Kind = "composer-vendor"
	Conda    Kind = "conda-pkg"
)

// Declaration is a file that declares installed packages, and what it declares.
type Declaration struct {
	Path  string `json:"path"` // of a nested archive: "app.jar/BOOT-INF/lib/a.jar", as Trivy writes it
	Kind  Kind   `json:"kind"`
	Layer int    `json:"layer"`
	// Packages as the package manager itself, or the language's own tool, lists them.
	Packages []Package `json:"packages,omitempty"`
	// Weak: the packages are a guess (by the manifest of a jar), which Trivy may answer with another name that its database of Java knows. Any package
	// at that path accounts for the file. None at all is no proof of a gap: Trivy gives up on names that its database does not hold.
	Weak bool `json:"weak,omitempty"`
	// Nameless: by the rules of its ecosystem the file names no package, and why.
	Nameless string `json:"nameless,omitempty"`
	// Unread: Trivy never reads this, and why.
	Unread string `json:"unread,omitempty"`
	// Broken: what the file declares cannot be told, and why.
	Broken string `json:"broken,omitempty"`
	// Owner is the package of the operating system that lists the file with the hash that the file has.
	Owner *Owner `json:"owner,omitempty"`
	// file of the tree that it is in: of a nested archive the outermost one.
	file string
}

// Package is an installed package. Of the operating system, the version is whole: epoch:version-release. Of a language, no version stands for any.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Source package and its version, by which advisories of operating systems are chosen. Packages of a language have none.
	Source string `json:"source,omitempty"`
}

// Owner is a package of the operating system.
type Owner struct {
	Manager Kind   `json:"manager"`
	Name    string `json:"name"`
	Source  string `json:"source"`
	Version string `json:"version"`
	// Vendor as the database has it: the maintainer's address of dpkg, the vendor of rpm, empty for apk.
	Vendor string `json:"vendor,omitempty"`
}
