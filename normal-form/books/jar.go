package books

import (
	"archive/zip"
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"
)

// longestLine is what a line reader of Go takes. Trivy gives up the whole archive on a longer one, java does not.
const longestLine = 64<<10 - 2

var startOfModule = []byte("JM\x01\x00")

// listJar lists what an archive declares as an archive of Java.
func (l *lister) listJar(a archive, c contents) {
	if !c.hasClasses && !c.hasModules && c.manifest == nil && len(c.poms) == 0 {
		return
	}
	d := Declaration{Path: a.path, Layer: a.layer, Kind: Jar}
	seen := map[Package]bool{}
	for _, f := range c.poms {
		p, err := l.pomOf(f)
		if err != nil {
			d.Broken = fmt.Sprintf("%v; %s", err, remedyOf(err))
		}
		if p.Name != "" && !seen[p] {
			seen[p] = true
			d.Packages = append(d.Packages, p)
		}
	}
	if len(d.Packages) == 0 {
		l.guessJar(&d, a, c)
	}
	l.add(d)
}

// pomOf reads what Maven writes into an archive: always three values. Other files of that name declare nothing without them.
func (l *lister) pomOf(f *zip.File) (Package, error) {
	text, err := l.textIn(f)
	if err != nil {
		return Package{}, err
	}
	group, artifact, version := mavenCoordinates(text)
	if group == "" || artifact == "" || version == "" {
		if strings.Contains("/"+f.Name, "/META-INF/maven/") {
			return Package{}, fmt.Errorf("%.100q has no groupId, artifactId or version", f.Name)
		}
		return Package{}, nil
	}
	return Package{Name: group + ":" + artifact, Version: version}, nil
}

// guessJar goes by the manifest, or says that the archive has no name.
func (l *lister) guessJar(d *Declaration, a archive, c contents) {
	if c.manifest == nil && !c.hasClasses && c.hasModules {
		if head, err := readAt(a.from, make([]byte, min(a.size, 4)), 0); err == nil && bytes.Equal(head, startOfModule) {
			d.Nameless = "it is a module for jlink, which no java runs"
			return
		}
	}
	if d.Broken != "" {
		return
	}
	if c.manifest != nil {
		text, err := l.textIn(c.manifest)
		if err != nil {
			d.Broken = fmt.Sprintf("%v; %s", err, remedyOf(err))
			return
		}
		if hasLongLine(text) {
			d.Broken = fmt.Sprintf("a line of its manifest is longer than %d bytes, which java takes and scanners do not; a line of a manifest has 72 bytes at most", longestLine)
			return
		}
		if p := namedByManifest(text); p.Name != "" {
			d.Packages, d.Weak = []Package{p}, true
			return
		}
	}
	if p := namedByFile(a.path); p.Name != "" {
		d.Packages, d.Weak = []Package{p}, true
		return
	}
	d.Unread = "an archive without a name: it has no pom.properties, and neither its manifest nor its file name say what it is"
}

func hasLongLine(text []byte) bool {
	for len(text) > 0 {
		var line []byte
		if line, text = cutLine(text); len(line) > longestLine {
			return true
		}
	}
	return false
}

// namedByManifest: the attributes, in the order in which Trivy asks for them.
func namedByManifest(text []byte) Package {
	attributes := mainAttributes(text)
	firstOf := func(names ...string) string {
		for _, name := range names {
			if v := attributes[name]; v != "" && !strings.HasPrefix(v, "%") { // a variable
				return v
			}
		}
		return ""
	}
	bundle := firstOf("bundle-symbolicname")
	group := firstOf("implementation-vendor-id")
	if group == "" && bundle != "" {
		if group = bundle; strings.LastIndex(bundle, ".") > 0 {
			group = bundle[:strings.LastIndex(bundle, ".")]
		}
	}
	if group == "" {
		group = firstOf("implementation-vendor", "specification-vendor")
	}
	artifact := firstOf("implementation-title", "specification-title", "bundle-name")
	version := firstOf("implementation-version", "specification-version", "bundle-version")
	if group == "" || artifact == "" || version == "" {
		return Package{}
	}
	return Package{Name: group + ":" + artifact, Version: version}
}

// mainAttributes of a manifest, up to its first blank line, with names in lower case: java does not mind the case.
func mainAttributes(text []byte) map[string]string {
	attributes := map[string]string{}
	var name string
	var value []byte
	end := func() {
		if name != "" {
			attributes[name] = strings.TrimSpace(string(value))
		}
	}
	for len(text) > 0 {
		var line []byte
		if line, text = cutLine(text); len(line) == 0 {
			break
		}
		if line[0] == ' ' {
			value = append(value, line[1:]...)
			continue
		}
		end()
		key, content, _ := bytes.Cut(line, []byte(":"))
		name, value = strings.ToLower(string(key)), bytes.Clone(content)
	}
	end()
	return attributes
}

var namedJar = regexp.MustCompile(`^([\w.-]*[^-*])-(\d\S*)\.jar$`)

// namedByFile: "name-1.2.jar". Trivy asks its database for such a name.
func namedByFile(file string) Package {
	m := namedJar.FindStringSubmatch(path.Base(file))
	if m == nil {
		return Package{}
	}
	return Package{Name: m[1], Version: m[2]}
}
