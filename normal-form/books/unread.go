package books

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Kinds that Trivy does not read.
const (
	Phar      Kind = "phar"
	Asar      Kind = "asar"
	NodeCache Kind = "npm-cache"
	PipCache  Kind = "pip-cache"
	YarnCache Kind = "yarn-cache"
	Nix       Kind = "nix"
	R         Kind = "r"
	Perl      Kind = "perl"
	Lua       Kind = "lua"
)

// folder holds so many things of a kind that it is listed as one.
type folder struct {
	kind   Kind
	ends   string // of its path
	counts func(inFolder string) (thing string, counts bool)
	reason string
}

var folders = []folder{
	{NodeCache, "/_cacache", eachBelow("content-v2/"), "a cache of npm with %d entries, which Trivy does not read; run npm cache clean, or install in an earlier stage of the build"},
	{PipCache, "/.cache/pip", eachBelow("http/", "http-v2/", "wheels/"), "a cache of pip with %d files, which Trivy does not read; install with --no-cache-dir, or in an earlier stage of the build"},
	{YarnCache, "/.yarn/cache", eachZip, "%d packages of Yarn in archives, which Trivy does not read; set nodeLinker to node-modules"},
	{YarnCache, "/.yarn/berry/cache", eachZip, "%d packages of Yarn in archives, which Trivy does not read; set nodeLinker to node-modules"},
	{Nix, "/nix/store", eachChild, "%d packages of Nix, which Trivy does not read"},
	{Nix, "/gnu/store", eachChild, "%d packages of Guix, which Trivy does not read"},
}

func eachBelow(prefixes ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		return name, slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
	}
}

func eachZip(name string) (string, bool) { return name, path.Ext(name) == ".zip" }

func eachChild(name string) (string, bool) {
	child, _, _ := strings.Cut(name, "/")
	return child, true
}

// folderOf a file: the outermost that is listed as one, and what of it the file belongs to.
func folderOf(name string) (of folder, at, thing string, is bool) {
	slashed := "/" + name
	for _, f := range folders {
		i := strings.Index(slashed, f.ends+"/")
		if i < 0 {
			continue
		}
		if thing, counts := f.counts(slashed[i+len(f.ends)+1:]); counts {
			return f, slashed[1 : i+len(f.ends)], thing, true
		}
	}
	return folder{}, "", "", false
}

// tally of the things in a folder. Files come in the order of their paths, so those of one thing come one after the other.
type tally struct {
	folder
	layer, things int
	last          string
}

func (t *tally) count(thing string, layer int) {
	if t.things == 0 || thing != t.last {
		t.things++
		t.last = strings.Clone(thing)
	}
	t.layer = max(t.layer, layer)
}

func (t *tally) declaration(at string) Declaration {
	return Declaration{Path: at, Kind: t.kind, Layer: t.layer, Unread: fmt.Sprintf(t.reason, t.things)}
}

var (
	haltCompiler   = []byte("__HALT_COMPILER();")
	pharSignature  = []byte("GBMB")
	asarHead       = []byte(`{"files":{`)
	looseMaven     = regexp.MustCompile(`(?:^|/)META-INF/maven/[^/]+/[^/]+/pom\.properties$`)
	rockManifest   = regexp.MustCompile(`(?:^|/)luarocks/rocks[^/]*/([^/]+)/([^/]+)/rock_manifest$`)
	perlModule     = regexp.MustCompile(`(?:^|/)auto/(.+)/\.packlist$`)
	rField         = regexp.MustCompile(`(?m)^(Package|Version|Built):[ \t]*(\S+)`)
	asarHeadStarts = []byte{4, 0, 0, 0}
)

// declareUnread tells kinds of packages that Trivy never reads, by clear signs.
func (l *lister) declareUnread(d *Declaration, look looks, f File) bool {
	base := path.Base(d.Path)
	switch {
	case bytes.HasSuffix(look.tail, pharSignature), path.Ext(d.Path) == ".phar" && bytes.Contains(look.head, haltCompiler):
		d.Kind, d.Unread = Phar, "an archive of PHP, which Trivy does not read"
	case bytes.HasPrefix(look.head, asarHeadStarts) && len(look.head) > 26 && bytes.HasPrefix(look.head[16:], asarHead):
		d.Kind, d.Unread = Asar, "an archive of Electron, which Trivy does not read"
	case base == "rock_manifest" && rockManifest.MatchString(d.Path):
		m := rockManifest.FindStringSubmatch(d.Path)
		d.Kind, d.Unread = Lua, "a package of LuaRocks, which Trivy does not read"
		d.Packages = []Package{{Name: m[1], Version: m[2]}}
	case base == ".packlist" && perlModule.MatchString(d.Path):
		m := perlModule.FindStringSubmatch(d.Path)
		d.Kind, d.Unread = Perl, "a module of Perl, which Trivy does not read"
		d.Packages = []Package{{Name: strings.ReplaceAll(m[1], "/", "::")}}
	case base == "pom.properties" && looseMaven.MatchString(d.Path):
		return l.declareLooseMaven(d, f)
	case base == "DESCRIPTION":
		return l.declareR(d, f)
	case otherRoot.MatchString(d.Path):
		return l.declareOtherRoot(d, f)
	default:
		return false
	}
	return true
}

// declareLooseMaven: java runs classes from a folder as well as from an archive, and what Maven wrote into the archive is still there.
func (l *lister) declareLooseMaven(d *Declaration, f File) bool {
	text, err := l.text(f)
	if err != nil {
		d.Kind, d.Broken = Jar, unreadText(err)
		return true
	}
	group, artifact, version := mavenCoordinates(text)
	if group == "" || artifact == "" || version == "" {
		return false
	}
	d.Kind, d.Unread = Jar, "an archive of Java that was unpacked into a folder, where Trivy does not read it; leave it packed"
	d.Packages = []Package{{Name: group + ":" + artifact, Version: version}}
	return true
}

// declareR: a package of R is installed once it says with what it was built.
func (l *lister) declareR(d *Declaration, f File) bool {
	text, err := l.text(f)
	if err != nil {
		d.Kind, d.Broken = R, unreadText(err)
		return true
	}
	fields := map[string]string{}
	for _, m := range rField.FindAllSubmatch(text, -1) {
		fields[string(m[1])] = string(m[2])
	}
	if fields["Package"] == "" || fields["Version"] == "" || fields["Built"] == "" {
		return false
	}
	d.Kind, d.Unread = R, "a package of R, which Trivy does not read"
	d.Packages = []Package{{Name: fields["Package"], Version: fields["Version"]}}
	return true
}
