package books

import (
	"fmt"
	"path"
	"regexp"
)

// otherRoot is a database of packages at the place that it has in a root folder: of a system within the image, into which programs can be started with
// chroot. The places of the image itself match as well.
var otherRoot = regexp.MustCompile(`^(.+?)/(?:var/lib/dpkg/status|(?:usr/)?lib/apk/db/installed|(?:var/lib|usr/lib/sysimage|usr/share)/rpm/(?:rpmdb\.sqlite|Packages(?:\.db)?))$`)

// declareOtherRoot of a database that lists packages, and is not the image's own at the end of a link.
func (l *lister) declareOtherRoot(d *Declaration, f File) bool {
	if l.isOwnDatabase(f.Path) {
		return false
	}
	at := place{path: f.Path}
	var other database
	switch path.Base(f.Path) {
	case "status":
		at.Kind = Dpkg
		other = readDpkg(at, []File{f})
	case "installed":
		at.Kind = Apk
		other = readApk(at, f)
	default:
		at.Kind = Rpm
		other = readRpm(l.tree, at, f)
	}
	if other.Broken == "" && len(other.installed) == 0 {
		return false
	}
	d.Kind = at.Kind
	d.Unread = fmt.Sprintf("a database of the system in the folder %.100q, which Trivy does not read; scan that folder as an image of its own",
		otherRoot.FindStringSubmatch(f.Path)[1])
	return true
}

// isOwnDatabase: one of the places of the image itself, or what such a place leads to.
func (l *lister) isOwnDatabase(file string) bool {
	places := append([]string{dpkgStatus, path.Join(apkFolders[0], "installed"), path.Join(apkFolders[1], "installed")}, rpmPlaces...)
	for _, own := range places {
		if at, found := l.tree.Resolve(own); own == file || found && at.Path == file {
			return true
		}
	}
	return false
}
