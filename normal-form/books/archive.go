package books

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
)

// archive is a zip archive, on its own, behind a program, or within another.
type archive struct {
	path  string
	layer int
	depth int // 0: a file of the tree
	from  io.ReaderAt
	size  int64
}

// contents of an archive that declare something.
type contents struct {
	hasClasses   bool // of Java
	hasModules   bool // of Java, for jlink
	manifest     *zip.File
	poms         []*zip.File
	metadata     []*zip.File // of Python
	isPythonMain bool
	nodePackages []*zip.File
	nested       []*zip.File
}

// listArchive lists what an archive and the archives in it declare. Go's reader of zips goes by the same list of entries as java does.
func (l *lister) listArchive(a archive) {
	if err := l.budget.take(leastOfArchive + costOfName*int64(len(a.path))); err != nil {
		l.broken(a, Jar, err)
		return
	}
	entries, err := l.open(a)
	if err != nil {
		if kind := l.hints(a); kind != "" || errors.Is(err, errTooMuch) {
			l.broken(a, kind, err)
		}
		return
	}
	if err := l.budget.takeEntries(len(entries)); err != nil {
		l.broken(a, Jar, err)
		return
	}
	c := l.contentsIn(entries)
	if l.budget.packed <= 0 { // and so archives in it were not seen
		l.broken(a, Jar, errTooMuchPacked)
		return
	}
	l.listJar(a, c)
	l.listPythonArchive(a, c)
	l.listNodeArchive(a, c)
	for _, f := range c.nested {
		l.listNested(a, f)
	}
}

func (l *lister) broken(a archive, kind Kind, err error) {
	if kind == "" {
		kind = Jar
	}
	l.add(Declaration{Path: a.path, Layer: a.layer, Kind: kind, Broken: fmt.Sprintf("the archive cannot be read: %.200q; %s", err, remedyOf(err))})
}

func remedyOf(err error) string {
	if errors.Is(err, errTooMuch) {
		return "install what is in the archive unpacked, or keep less in it"
	}
	return "pack the archive again"
}

// open reads the list of entries.
func (l *lister) open(a archive) ([]*zip.File, error) {
	end, err := oneEnd(a)
	if err != nil {
		return nil, err
	}
	if err := oneList(a.from, end); err != nil {
		return nil, err
	}
	m := &metered{a.from, mostOfDirectory}
	r, err := zip.NewReader(m, a.size)
	if m.left < 0 {
		return nil, fmt.Errorf("%w: a list of entries of %d MiB", errTooMuch, mostOfDirectory>>20)
	}
	if err != nil {
		return nil, err
	}
	m.left = 1 << 62 // what follows is counted unzipped
	return r.File, nil
}

// oneEnd: an archive ends in one place. Readers that find several ends take one or another. It gives that of the last one.
func oneEnd(a archive) (int64, error) {
	n := min(a.size, tailSize)
	tail, err := readAt(a.from, make([]byte, n), a.size-n)
	if err != nil {
		return 0, err
	}
	last, ends, isLastExact, exact := int64(0), 0, false, 0
	for at := 0; ; at++ {
		i := bytes.Index(tail[at:], endOfZip)
		if i < 0 || at+i+22 > len(tail) {
			break
		}
		at += i
		end := at + 22 + int(binary.LittleEndian.Uint16(tail[at+20:]))
		if end > len(tail) {
			continue
		}
		ends++
		last = a.size - n + int64(at)
		if isLastExact = end == len(tail); isLastExact {
			exact++
		}
	}
	if exact > 1 || ends > 1 && !isLastExact { // an archive in it, stored, has its own end before
		return 0, errors.New("it ends in several ways, and readers take the first or the last")
	}
	return last, nil
}

// hints of what a broken archive holds: the names in what should be its list of entries, which is at its end.
func (l *lister) hints(a archive) Kind {
	n := min(a.size, mostOfDirectory)
	if l.budget.take(n) != nil {
		return Jar
	}
	tail, err := readAt(a.from, make([]byte, n), a.size-n)
	switch {
	case err != nil || holdsAny(tail, "META-INF/MANIFEST.MF", ".class", "pom.properties", ".jar"):
		return Jar
	case holdsAny(tail, "EGG-INFO/PKG-INFO", ".dist-info/METADATA", "__main__.py"):
		return Python
	case holdsAny(tail, "node_modules/"):
		return Node
	}
	return ""
}

func holdsAny(text []byte, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return bytes.Contains(text, []byte(name)) })
}

func (l *lister) contentsIn(entries []*zip.File) (c contents) {
	for _, f := range entries {
		base := path.Base(f.Name)
		switch {
		case strings.HasSuffix(f.Name, "/"):
		case l.isStoredArchive(f):
			c.nested = append(c.nested, f)
		case strings.HasSuffix(base, ".class"):
			if strings.HasPrefix(f.Name, "classes/") {
				c.hasModules = true
			} else {
				c.hasClasses = true
			}
		case strings.EqualFold(f.Name, "META-INF/MANIFEST.MF"): // java does not mind the case
			c.manifest = f
		case base == "pom.properties":
			c.poms = append(c.poms, f)
		case isPythonMetadata(f.Name):
			c.metadata = append(c.metadata, f)
		case f.Name == "__main__.py", f.Name == "__main__.pyc":
			c.isPythonMain = true
		case isNodePackage(f.Name) && strings.Contains("/"+f.Name, "/node_modules/"):
			c.nodePackages = append(c.nodePackages, f)
		case isNamedArchive(base) || l.beginsAsArchive(f):
			c.nested = append(c.nested, f)
		}
	}
	return c
}

// isNamedArchive: loaders of Java open these, with bytes before the archive too.
func isNamedArchive(base string) bool {
	switch strings.ToLower(path.Ext(base)) {
	case ".jar", ".war", ".ear", ".par", ".sar", ".rar", ".jpi", ".hpi", ".whl", ".egg":
		return true
	}
	return false
}

// isStoredArchive: loaders of Java open what is stored in an archive in its place, by its end: Spring Boot each file of a folder, whatever its name is,
// and whatever stands before the archive.
func (l *lister) isStoredArchive(f *zip.File) bool {
	stored, is := sectionOf(f)
	if !is || l.budget.packed <= 0 {
		return false
	}
	n := min(stored.Size(), tailSize)
	l.budget.packed -= n
	tail, err := readAt(stored, make([]byte, n), stored.Size()-n)
	return err == nil && endsAsZip(stored, stored.Size(), tail)
}

// sectionOf an archive that holds an entry as it is.
func sectionOf(f *zip.File) (*io.SectionReader, bool) {
	if f.Method != zip.Store {
		return nil, false
	}
	raw, err := f.OpenRaw()
	section, is := raw.(*io.SectionReader)
	return section, err == nil && is
}

// beginsAsArchive: so do those that a loader reads from their beginning. What does not show how it begins is unzipped whole.
func (l *lister) beginsAsArchive(f *zip.File) bool {
	if f.CompressedSize64 < 2 { // nothing
		return false
	}
	const enough = 64 << 10 // for the tables of the first block
	content, err := l.contentOf(f, enough)
	if err != nil {
		return false
	}
	defer content.Close()
	var head [4]byte
	if _, err = io.ReadFull(content, head[:]); err != nil {
		return f.CompressedSize64 > enough
	}
	return bytes.Equal(head[:], startOfZip)
}

func (l *lister) listNested(outer archive, f *zip.File) {
	inner := archive{path: within(outer.path, f.Name), layer: outer.layer, depth: outer.depth + 1}
	if inner.depth > deepest {
		l.broken(inner, Jar, fmt.Errorf("%w: %d archives within each other", errTooMuch, deepest))
		return
	}
	if stored, is := sectionOf(f); is { // as Spring Boot has them; nothing to unzip, and nothing to hold
		inner.from, inner.size = stored, stored.Size()
		l.listInner(inner)
		return
	}
	text, err := l.unzip(f, l.budget.left())
	if err != nil {
		l.broken(inner, Jar, err)
		return
	}
	inner.from, inner.size = bytes.NewReader(text), int64(len(text))
	l.listInner(inner)
}

// listInner: what only has the name of an archive holds nothing.
func (l *lister) listInner(a archive) {
	n := min(a.size, tailSize)
	if tail, err := readAt(a.from, make([]byte, n), a.size-n); err == nil && !endsAsZip(a.from, a.size, tail) {
		return
	}
	l.listArchive(a)
}

// within an archive: the path as Trivy writes it. A name that leads out of the archive is kept as it is: Trivy skips it, a class loader need not.
func within(outer, name string) string {
	if joined := path.Join(outer, name); strings.HasPrefix(joined, outer+"/") {
		return joined
	}
	return outer + "/" + name
}

// unzip reads an entry whole.
func (l *lister) unzip(f *zip.File, most int64) ([]byte, error) {
	content, err := l.contentOf(f, mostPacked)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	most = min(most, l.budget.left())
	var text bytes.Buffer
	n, err := io.Copy(&text, io.LimitReader(content, most+1))
	if tooMuch := l.budget.take(n); tooMuch != nil {
		return nil, tooMuch
	}
	if n > most {
		return nil, fmt.Errorf("%.100q is %w: %d MiB", f.Name, errTooMuch, most>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("%.100q does not unzip: %w", f.Name, err)
	}
	return text.Bytes(), nil
}

var inflaters sync.Pool

// contentOf an entry, of which so much is read packed, without a look at its checksum and its size: java does not look at them either.
func (l *lister) contentOf(f *zip.File, most int64) (io.ReadCloser, error) {
	if f.Flags&1 != 0 {
		return nil, fmt.Errorf("%.100q is encrypted", f.Name)
	}
	raw, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	packed := counted{io.LimitReader(raw, most), &l.budget.packed}
	switch f.Method {
	case zip.Store:
		return io.NopCloser(packed), nil
	case zip.Deflate:
		if r, reused := inflaters.Get().(io.ReadCloser); reused {
			return inflater{r}, r.(flate.Resetter).Reset(packed, nil)
		}
		return inflater{flate.NewReader(packed)}, nil
	}
	return nil, fmt.Errorf("%.100q is compressed with method %d; only deflate is read", f.Name, f.Method)
}

type inflater struct{ io.ReadCloser }

func (i inflater) Close() error {
	inflaters.Put(i.ReadCloser)
	return nil
}
