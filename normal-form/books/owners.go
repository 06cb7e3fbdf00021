package books

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"path"
	"strings"
)

// digestAlgorithm as rpm counts them, by OpenPGP's numbers.
type digestAlgorithm uint32

const (
	digestMd5    digestAlgorithm = 1
	digestSha1   digestAlgorithm = 2
	digestSha256 digestAlgorithm = 8
)

var digests = map[digestAlgorithm]func() hash.Hash{
	digestMd5: md5.New, digestSha1: sha1.New, digestSha256: sha256.New, 9: sha512.New384, 10: sha512.New,
}

// maxClaims to one file. Of a file that more packages claim, nobody is the owner.
const maxClaims = 1024

// claim of a package to a file.
type claim struct {
	owner     *Owner // without a manager if its database is not read to the end of the package
	algorithm digestAlgorithm
	digest    string // hex
}

// ownership gathers the claims to some files of the tree. What packages list besides is only read over.
type ownership struct {
	tree   Tree
	wanted map[string]bool
	names  map[string]bool // the last part of each that is wanted
	claims map[string][]claim
}

// OwnersOf tells for some files, by their real paths, which package of the operating system lists them with the hash that they have. No signature
// protects the lists: who can write a file into the image can write it into them, too.
func OwnersOf(tree Tree, paths []string) map[string]Owner {
	o := ownership{tree, map[string]bool{}, map[string]bool{}, map[string][]claim{}}
	for _, p := range paths {
		o.wanted[p], o.names[path.Base(p)] = true, true
	}
	o.readDpkg()
	o.readApk()
	o.readRpm()
	owners := map[string]Owner{}
	for p, claims := range o.claims {
		if owner := ownerAmong(tree, p, claims); owner != nil {
			owners[p] = *owner
		}
	}
	return owners
}

// ownerAmong is the package whose claim holds. A file that packages of two sources claim has no owner: the one would speak for the other.
func ownerAmong(tree Tree, p string, claims []claim) *Owner {
	file, ok := tree.Resolve(p)
	if !ok || len(claims) > maxClaims {
		return nil
	}
	computed := map[digestAlgorithm]string{}
	var owner *Owner
	for _, c := range claims {
		if _, known := computed[c.algorithm]; !known {
			computed[c.algorithm] = digestOf(file, c.algorithm)
		}
		switch {
		case c.digest == "" || c.digest != computed[c.algorithm] || c.owner.Manager == "":
		case owner == nil:
			owner = c.owner
		case owner.Source != c.owner.Source:
			return nil
		}
	}
	return owner
}

// digestOf a file; empty if that cannot be told.
func digestOf(file File, algorithm digestAlgorithm) string {
	newHash, known := digests[algorithm]
	if !known {
		return ""
	}
	sum := newHash()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, file.Size)); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// claim notes that a package lists a path, if that is or leads to a file that is wanted: "lib/x" is listed where the tree has "usr/lib/x".
func (o *ownership) claim(listed string, c claim) {
	if !o.wanted[listed] {
		if !o.names[path.Base(listed)] {
			return
		}
		file, ok := o.tree.Resolve(listed)
		if !ok || !o.wanted[file.Path] {
			return
		}
		listed = file.Path
	}
	if len(o.claims[listed]) <= maxClaims {
		o.claims[listed] = append(o.claims[listed], c)
	}
}

// readDpkg reads the lists of hashes of the packages that are installed: of `libc6:i386` in libc6:i386.md5sums, of others by their name alone.
func (o *ownership) readDpkg() {
	owners := map[string]Owner{}
	for _, d := range dpkgDatabases(o.tree) {
		folder := path.Join(dpkgFolder, "info")
		if d.Path != dpkgStatus {
			folder = dpkgParts
		}
		for _, i := range d.installed {
			owners[path.Join(folder, i.Name+md5sums)] = i.Owner
			owners[path.Join(folder, i.Name+":"+i.arch+md5sums)] = i.Owner
		}
	}
	for _, folder := range []string{path.Join(dpkgFolder, "info"), dpkgParts} {
		for _, name := range o.tree.Names(folder) {
			owner, installed := owners[path.Join(folder, name)]
			if list, ok := o.tree.Resolve(path.Join(folder, name)); ok && installed {
				o.readMd5sums(list, owner)
			}
		}
	}
}

const md5sums = ".md5sums"

func (o *ownership) readMd5sums(list File, owner Owner) {
	_ = eachLine(list, "\n", func(l line) bool { // what cannot be read is claimed by nobody
		digest, listed, found := bytes.Cut(l.text, []byte("  "))
		if found && !l.cut {
			o.claim(clean(string(listed)), claim{&owner, digestMd5, strings.ToLower(string(digest))})
		}
		return true
	})
}

func clean(listed string) string {
	return path.Clean("/" + listed)[1:]
}

// readApk reads the lines F: (folder), R: (file in it) and Z: (its hash) of each package.
func (o *ownership) readApk() {
	for _, d := range apkDatabases(o.tree) {
		if file, ok := o.tree.Resolve(d.Path); ok && d.Broken == "" {
			o.readApkFiles(file)
		}
	}
}

func (o *ownership) readApkFiles(file File) {
	var folder, name string
	owner := new(Owner) // known at the end of the package
	inside := func(l line) {
		value := l.text[2:]
		switch l.text[0] {
		case 'F':
			folder, name = string(value), ""
		case 'R':
			name = string(value)
		case 'Z':
			if o.names[name] && !l.cut {
				o.claim(clean(folder+"/"+name), apkClaim(owner, string(value)))
			}
		}
	}
	_ = eachApk(file, inside, func(i installation) error {
		*owner = i.Owner
		folder, name, owner = "", "", new(Owner)
		return nil
	})
}

// apkClaim has its hash as Q1 (SHA-1) or Q2 (SHA-256), and then in base64.
func apkClaim(owner *Owner, value string) claim {
	algorithm := map[string]digestAlgorithm{"Q1": digestSha1, "Q2": digestSha256}[value[:min(2, len(value))]]
	sum, err := base64.StdEncoding.DecodeString(value[min(2, len(value)):])
	if err != nil {
		return claim{owner: owner}
	}
	return claim{owner, algorithm, hex.EncodeToString(sum)}
}

func (o *ownership) readRpm() {
	for _, d := range rpmDatabases(o.tree) {
		file, ok := o.tree.Resolve(d.Path)
		if !ok || d.Broken != "" || d.Path == rpmManifest { // which lists no files
			continue
		}
		_ = headersOf(file, func(blob []byte) error {
			h, i, err := readRpmPackage(blob)
			if err != nil || i == nil {
				return err
			}
			algorithm, err := h.digestAlgorithm()
			if err != nil {
				return err
			}
			return h.files(func(f listedFile) { o.claim(f.path, claim{&i.Owner, algorithm, f.digest}) })
		})
	}
}

// digestAlgorithm of the hashes of the files; MD5 if the package does not say.
func (h header) digestAlgorithm() (digestAlgorithm, error) {
	numbers, err := h.numbers(tagFileDigestAlgo)
	if err != nil || len(numbers) == 0 {
		return digestMd5, err
	}
	return digestAlgorithm(numbers[0]), nil
}
