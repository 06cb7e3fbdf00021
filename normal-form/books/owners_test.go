package books

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"testing"
)

func md5Of(content string) string {
	sum := md5.Sum([]byte(content))
	return hex.EncodeToString(sum[:])
}

func q1Of(content string) string {
	sum := sha1.Sum([]byte(content))
	return "Q1" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestOwnersOf(t *testing.T) {
	metadata := "Name: openssl-libs\n" // in the package of the fixture, as python3-foo's
	rpms := systemTree{"var/lib/rpm/rpmdb.sqlite": rpmFixture(t, "sqlite"),
		"usr/lib/openssl-libs/METADATA": metadata, "usr/lib/python3-foo/METADATA": "Name: python3-foo\n", "usr/lib/epel-tool/METADATA": "changed"}
	apks := systemTree{"lib/apk/db/installed": "P:py3-x\nV:1\no:x\nF:usr/lib/x\nR:METADATA\na:0:0:644\nZ:" + q1Of("m") + "\nR:other\nZ:" + q1Of("m") + "\n\n",
		"usr/lib/x/METADATA": "m", "usr/lib/x/other": "n"}
	debs := systemTree{
		dpkgStatus:                             stanzaOf("python3-x", "1.2-3", "Source: x (1.2)", "Maintainer: A <a@example.org>") + "\n" + stanzaOf("libc6", "2"),
		dpkgFolder + "/info/python3-x.md5sums": md5Of("m") + "  lib/x/METADATA\n" + md5Of("n") + "  usr/lib/x/other\n", "lib": "-> usr/lib", "usr/lib/x/METADATA": "m", "usr/lib/x/other": "changed",
		dpkgFolder + "/info/libc6:amd64.md5sums": md5Of("c") + "  usr/lib/c.jar\n", "usr/lib/c.jar": "c",
		dpkgFolder + "/info/gone.md5sums": md5Of("g") + "  usr/lib/g.jar\n", "usr/lib/g.jar": "g",
	}
	distroless := systemTree{dpkgParts + "/x": "Package: python3-x\nVersion: 1\n", dpkgParts + "/python3-x.md5sums": md5Of("m") + "  usr/x/METADATA\n", "usr/x/METADATA": "m"}
	x := Owner{Dpkg, "python3-x", "x", "1.2-3", "A <a@example.org>"}
	for _, c := range []struct {
		name string
		tree systemTree
		path string
		want Owner
	}{
		{"dpkg, where lib is a link", debs, "usr/lib/x/METADATA", x},
		{"dpkg, of an architecture", debs, "usr/lib/c.jar", Owner{Manager: Dpkg, Name: "libc6", Source: "libc6", Version: "2"}},
		{"dpkg without a status", distroless, "usr/x/METADATA", Owner{Manager: Dpkg, Name: "python3-x", Source: "python3-x", Version: "1"}},
		{"apk", apks, "usr/lib/x/METADATA", Owner{Manager: Apk, Name: "py3-x", Source: "x", Version: "1"}},
		{"rpm by SHA-256", rpms, "usr/lib/openssl-libs/METADATA", Owner{Rpm, "openssl-libs", "openssl-libs", "1:3.0.7-27.el9", "Red Hat, Inc."}},
		{"rpm by MD5", rpms, "usr/lib/python3-foo/METADATA", Owner{Rpm, "python3-foo", "python3-foo", "1.2-3.el9", "Red Hat, Inc."}},
		{"two packages of one source", debs.with(systemTree{dpkgStatus: debs[dpkgStatus] + "\n" + stanzaOf("y", "1", "Source: x"), dpkgFolder + "/info/y.md5sums": md5Of("m") + "  usr/lib/x/METADATA\n"}),
			"usr/lib/x/METADATA", x},

		{"nobody whose file it was before a change", debs, "usr/lib/x/other", Owner{}},
		{"nobody, of apk", apks, "usr/lib/x/other", Owner{}},
		{"nobody, of rpm", rpms, "usr/lib/epel-tool/METADATA", Owner{}},
		{"nobody who is not installed", debs, "usr/lib/g.jar", Owner{}},
		{"neither of two sources", debs.with(systemTree{dpkgStatus: debs[dpkgStatus] + "\n" + stanzaOf("y", "1"), dpkgFolder + "/info/y.md5sums": md5Of("m") + "  usr/lib/x/METADATA\n"}),
			"usr/lib/x/METADATA", Owner{}},
		{"nobody, of a database that is broken", debs.with(systemTree{dpkgStatus: debs[dpkgStatus] + "garbage\n"}), "usr/lib/x/METADATA", Owner{}},
		{"nobody, of a file that is not there", debs, "usr/lib/nothing", Owner{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := OwnersOf(c.tree, []string{c.path})[c.path]; got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestWhatALinkNamesIsOfWhomTheFileIs(t *testing.T) {
	const python = "Name: x\nVersion: 1.2\n"
	tree := systemTree{dpkgStatus: stanzaOf("python3-x", "1.2-3", "Source: x"), dpkgFolder + "/info/python3-x.md5sums": md5Of(python) + "  usr/share/x/meta\n",
		"usr/share/x/meta": python, "usr/lib/x.dist-info/METADATA": "-> /usr/share/x/meta", "srv/x.dist-info/METADATA": "-> ../own", "srv/own": python}
	owners := map[string]string{}
	for _, d := range List(tree) {
		if d.Owner != nil {
			owners[d.Path] = d.Owner.Source
		}
	}
	if len(owners) != 1 || owners["usr/lib/x.dist-info/METADATA"] != "x" {
		t.Error(owners)
	}
}
