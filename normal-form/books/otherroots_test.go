package books

import "testing"

func TestADatabaseOfAnotherRootIsTold(t *testing.T) {
	status := stanzaOf("bash", "4.3-9")
	for _, c := range []struct {
		name string
		tree systemTree
		want string
	}{
		{"of dpkg", systemTree{"srv/root/var/lib/dpkg/status": status}, "srv/root/var/lib/dpkg/status dpkg unread"},
		{"of apk", systemTree{"srv/usr/lib/apk/db/installed": "P:a\nV:1\n"}, "srv/usr/lib/apk/db/installed apk unread"},
		{"of rpm", systemTree{"srv/var/lib/rpm/rpmdb.sqlite": rpmFixture(t, "sqlite")}, "srv/var/lib/rpm/rpmdb.sqlite rpm unread"},
		{"that cannot be read", systemTree{"srv/var/lib/rpm/Packages": "something else"}, "srv/var/lib/rpm/Packages rpm unread"},
		{"not of the image itself", systemTree{dpkgStatus: status, "usr/lib/apk/db/installed": "P:a\nV:1\n", "usr/lib/sysimage/rpm/Packages": "something else"}, ""},
		{"not of the image itself, behind a link", systemTree{"var/lib/dpkg": "-> /opt/root/var/lib/dpkg", "opt/root/var/lib/dpkg/status": status}, ""},
		{"none that lists nothing", systemTree{"srv/root/var/lib/dpkg/status": "", "srv/lib/apk/db/installed": ""}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := summary(LanguagePackages(c.tree)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
