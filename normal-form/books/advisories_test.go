package books

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

// advisoriesOf makes a database as trivy-db lays it out, with as many other packages as several pages have.
func advisoriesOf(t testing.TB, known map[string][]string) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "trivy.db")
	db, err := bbolt.Open(name, 0o600, &bbolt.Options{PageSize: 4096, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for platform, packages := range known {
			root, err := tx.CreateBucketIfNotExists([]byte(platform))
			if err != nil {
				return err
			}
			for n := range 600 {
				packages = append(packages, fmt.Sprintf("other-%d", n))
			}
			for _, pkg := range packages {
				bucket, err := root.CreateBucketIfNotExists([]byte(pkg))
				if err != nil {
					return err
				}
				if err := bucket.Put([]byte("CVE-2024-1"), []byte(`{"FixedVersion":"1"}`)); err != nil {
					return err
				}
			}
			if err := root.Put([]byte("no-bucket"), []byte("x")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

var someAdvisories = map[string][]string{
	"debian 12": {"openssl", "postgresql-15", "php8.2", "nodejs"}, "ubuntu 24.04": {"openssl"}, "alpine 3.19": {"openssl"}, "wolfi": {"openssl"},
	"Red Hat": {"openssl-libs", "nodejs:18::npm"}, "amazon linux 2023": {"openssl-libs"}, "rocky 9": {"openssl-libs"}, "Azure Linux 3.0": {"openssl"},
}

func openAdvisories(t testing.TB, content []byte) *Advisories {
	t.Helper()
	a, err := OpenAdvisories(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAdvisoriesKnow(t *testing.T) {
	a := openAdvisories(t, advisoriesOf(t, someAdvisories))
	for platform, packages := range someAdvisories {
		for _, pkg := range append(packages, "other-0", "other-300", "other-599") {
			if !a.Knows(platform, pkg) {
				t.Errorf("%s does not know %s", platform, pkg)
			}
		}
		for _, pkg := range []string{"", "a", "zzz", "openss", "other-", "other-600", "no-bucket"} {
			if a.Knows(platform, pkg) {
				t.Errorf("%s knows %q", platform, pkg)
			}
		}
	}
	if a.Knows("debian 11", "openssl") {
		t.Error("another platform is known")
	}
}

func TestIsDistributions(t *testing.T) {
	a := openAdvisories(t, advisoriesOf(t, someAdvisories))
	deb := func(source, version string) Owner {
		return Owner{Manager: Dpkg, Name: "x", Source: source, Version: version}
	}
	rpm := func(name, vendor string) Owner {
		return Owner{Manager: Rpm, Name: name, Source: "openssl", Version: "1-1.amzn2023", Vendor: vendor}
	}
	for _, c := range []struct {
		family, release string
		owner           Owner
		want            bool
	}{
		{"debian", "12.11", deb("openssl", "3.0.11-1~deb12u2"), true},
		{"debian", "12.11", deb("openssl", "3.0.11-1~bpo12+1"), true},
		{"debian", "12.11", deb("acme", "1"), false},
		{"debian", "11.3", deb("openssl", "1"), false},
		{"debian", "12.11", deb("postgresql-15", "15.8-1.pgdg120+1"), false},
		{"debian", "12.11", deb("php8.2", "8.2.22-1+0~20240801.60+debian12~1.gbpb1d0b7"), false},
		{"debian", "12.11", deb("nodejs", "20.15.1-1nodesource1"), false},
		{"debian", "12.11", deb("openssl", "3.0-1~bookworm"), false},
		{"ubuntu", "24.04", deb("openssl", "3.0.13-0ubuntu3.1"), true},
		{"ubuntu", "24.04", deb("openssl", "3.0.13-1+deb.sury.org~noble+1"), false},
		{"alpine", "3.19.1", Owner{Manager: Apk, Name: "libssl3", Source: "openssl"}, true},
		{"alpine", "3.19.1", Owner{Manager: Apk, Name: "openssl", Source: "acme"}, false},
		{"wolfi", "20230201", Owner{Manager: Apk, Name: "libssl3", Source: "openssl"}, true},
		{"redhat", "9.4", rpm("openssl-libs", "Red Hat, Inc."), true},
		{"redhat", "9.4", rpm("openssl-libs", "Fedora Project"), false},
		{"redhat", "9.4", rpm("openssl-libs", ""), false},
		{"rocky", "9.4", rpm("openssl-libs", "Rocky Enterprise Software Foundation"), true},
		{"rocky", "9.4", rpm("openssl", "Rocky Enterprise Software Foundation"), false},
		{"amazon", "2023.5.20240722 (Amazon Linux)", rpm("openssl-libs", "Amazon Linux"), true},
		{"amazon", "2023.5.20240722 (Amazon Linux)", rpm("openssl-libs", ""), true},
		{"azurelinux", "3.0.20240727", rpm("openssl-libs", "Microsoft Corporation"), true},
		{"fedora", "40", rpm("openssl-libs", "Fedora Project"), false},
		{"debian", "12.11", rpm("openssl", "Debian"), false},
		{"arch", "", deb("openssl", "1"), false},
	} {
		if got := IsDistributions(a, c.family, c.release, c.owner); got != c.want {
			t.Errorf("%s %s, %+v: got %t", c.family, c.release, c.owner, got)
		}
	}
}

func TestNoDatabaseOfAdvisories(t *testing.T) {
	for _, content := range []string{"", "x", string(make([]byte, 64<<10))} {
		if _, err := OpenAdvisories(bytes.NewReader([]byte(content)), int64(len(content))); err == nil {
			t.Errorf("%d bytes are a database", len(content))
		}
	}
}
