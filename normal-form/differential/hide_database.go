package differential

import (
	"fmt"
	"strings"
)

func paragraphs(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n\n") }

// databaseHidings are about the databases of operating systems.
var databaseHidings = []hiding{
	edit("paragraphs in another order", "dpkg apk", func(i *packageImage, text string) string {
		all := paragraphs(text)
		i.Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] })
		return strings.Join(all, pick(i.generator, "\n\n", "\n\n\n", "\n \n", "\n", "\n\t\n")) + pick(i.generator, "\n", "", "\n\n")
	}),
	edit("another status", "dpkg", func(i *packageImage, text string) string {
		return strings.Replace(text, "install ok installed", pick(i.generator, "deinstall ok installed", "purge ok installed", "hold ok installed", "install ok half-configured", "install ok unpacked", "deinstall ok half-installed",
			"install reinstreq half-installed", "unknown ok installed", "install ok triggers-awaited", "install ok triggers-pending", "deinstall ok config-files", "purge ok not-installed", "install  ok  installed", "Install OK Installed", "install ok",
			"install ok installed x", "", "install ok installed\n", "\n install ok installed"), 1+i.Intn(3))
	}),
	edit("long paragraph", "dpkg apk", func(i *packageImage, text string) string {
		all := paragraphs(text)
		at := i.Intn(len(all))
		more := pick(i.generator, "Description: x\n "+i.long(), "Description: x"+strings.Repeat("\n line of a text", 20000), "Conffiles:"+strings.Repeat("\n /etc/a 0123456789abcdef0123456789abcdef", 5000), "X: "+i.long(), strings.Repeat("X-y: z\n", 2000)+"X-z: z")
		if strings.HasPrefix(all[at], "C:") || strings.HasPrefix(all[at], "P:") {
			more = pick(i.generator, "T:"+i.long(), "D:"+strings.Repeat("so:libx ", 20000), strings.Repeat("F:a\n", 50000)+"F:b", "L:"+i.long())
		}
		if i.oneIn(2) {
			all[at] = more + "\n" + all[at]
		} else {
			all[at] += "\n" + more
		}
		return strings.Join(all, "\n\n") + "\n\n"
	}),
	edit("field in another form", "dpkg", func(i *packageImage, text string) string {
		field := pick(i.generator, "Package", "Version", "Status", "Architecture")
		return strings.Replace(text, "\n"+field+": ", pick(i.generator, "\n"+field+":", "\n"+field+" : ", "\n"+field+":\t", "\n"+field+":\n ", "\n"+strings.ToUpper(field)+": ", "\nX: y\n "+field+": ", "\n"+field+": \n ", "\n "+field+": ",
			"\n"+field+": x\n"+field+": ", "\n#c\n"+field+": ", "\n\r"+field+": "), 1)
	}),
	edit("for another architecture", "dpkg apk", func(i *packageImage, text string) string {
		all := paragraphs(text)
		more := strings.NewReplacer("Architecture: amd64", "Architecture: "+pick(i.generator, "i386", "all", "amd64"), "Version: ", "Version: "+pick(i.generator, "", "2"), "A:x86_64", "A:aarch64", "V:", "V:"+pick(i.generator, "", "2")).Replace(all[i.Intn(len(all))])
		return strings.Join(append(all, more), "\n\n") + "\n\n"
	}),
	edit("one field less", "dpkg apk", func(i *packageImage, text string) string {
		lines := strings.SplitAfter(text, "\n")
		at := i.Intn(len(lines))
		return strings.Join(append(lines[:at:at], lines[at+1:]...), "")
	}),
	edit("a field for nobody", "dpkg", func(i *packageImage, text string) string {
		field := pick(i.generator, "Source: decoy", "Source: bash (9)", "Maintainer: Debian <a@debian.org>", "Config-Version: 9", "Essential: no", "Want: deinstall", "Error: none", "Multi-Arch: same", "Original-Maintainer: x", "Status: deinstall ok config-files", "Class: x", "Triggers-Pending: a", "Conffiles:\n /etc/a b obsolete")
		return strings.Replace(text, "\nStatus: ", "\n"+field+"\nStatus: ", 1+i.Intn(2))
	}),
	edit("a field of long ago", "dpkg", func(i *packageImage, text string) string {
		all := paragraphs(text)
		all[i.Intn(len(all))] += "\n" + pick(i.generator, "Revision: 9", "Package_Revision: 9", "Package-Revision: 9", "Class: x", "Optional: x", "Recommended: x", "MSDOS-Filename: x", "revision: 0", "Revision:\n 9")
		return strings.Join(all, "\n\n") + "\n\n"
	}),
	edit("another version", "dpkg", func(i *packageImage, text string) string {
		return strings.Replace(text, "\nVersion: ", "\nVersion: "+pick(i.generator, "0:", "1:", "00:", " ", "9:1-", "~", "a", "0:0:"), 1)
	}),
	{"journal", "dpkg", func(i *packageImage, at *declaring) {
		folder, _ := splitPath(at.name)
		stanza := pick(i.generator, paragraphs(string(at.data))...) + "\n"
		if i.oneIn(2) {
			stanza = strings.Replace(stanza, "\nVersion: ", "\nVersion: 7", 1)
		}
		if i.oneIn(2) {
			stanza = strings.Replace(stanza, "Package: ", "Package: new-", 1)
		}
		name := pick(i.generator, "0000", "0001", "1", "00", "tmp.i", "0000.new", "000a", "99999999999999999999")
		i.add(i.Intn(len(i.layers)), file(folder+"updates/"+name, stanza))
	}},
	{"second database", "dpkg apk rpm", func(i *packageImage, at *declaring) {
		to := map[string][]string{
			"dpkg": {"var/lib/dpkg/status.d/hello", "var/lib/dpkg/status.d/x.md5sums", "var/lib/dpkg/status-old", "var/lib/dpkg/available", "opt/root/var/lib/dpkg/status", "usr/lib/opkg/status", "var/lib/dpkg/status-new"},
			"apk":  {"usr/lib/apk/db/installed", "lib/apk/db/installed", "opt/lib/apk/db/installed"},
			"rpm": {"usr/lib/sysimage/rpm/rpmdb.sqlite", "usr/share/rpm/rpmdb.sqlite", "var/lib/rpm/Packages.db", "var/lib/rpm/Packages", "usr/lib/sysimage/rpm/Packages.db", "opt/var/lib/rpm/rpmdb.sqlite",
				"var/lib/rpmmanifest/container-manifest-2", "x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json"},
		}[at.manager]
		content := pick(i.generator, string(at.data), string(at.data[:len(at.data)/2]), "")
		if at.manager != "rpm" {
			content = pick(i.generator, content, pick(i.generator, paragraphs(string(at.data))...), strings.Replace(string(at.data), "\nVersion: ", "\nVersion: 8", 1), strings.ReplaceAll(string(at.data), "\nV:", "\nV:8"))
		}
		i.add(at.layer, file(pick(i.generator, to...), content))
	}},
	{"other release", "dpkg apk rpm", func(i *packageImage, at *declaring) {
		name := pick(i.generator, "etc/os-release", "usr/lib/os-release", "etc/debian_version", "etc/alpine-release", "etc/system-release", "etc/redhat-release", "etc/lsb-release", "etc/centos-release", "etc/fedora-release")
		content := pick(i.generator, "", "ID=wolfi\nVERSION_ID=20230201\n", "ID=echo\nVERSION_ID=1\n", "ID=arch\n", "12.1\n", "3.11.0\n", "Red Hat Enterprise Linux release 9.4 (Plow)\n", "ID=Debian\nVERSION_ID=12\n", "ID='debian'\nVERSION_ID=\"13\"\n",
			"DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\n", "bookworm/sid\n", "ID=alpine\nVERSION_ID=3.22.1\n")
		i.add(i.Intn(len(i.layers)), file(name, content))
	}},
	{"no release", "dpkg apk rpm", func(i *packageImage, at *declaring) {
		gone := pick(i.generator, "etc/os-release", "usr/lib/os-release", "etc/debian_version", "etc/system-release", "etc/alpine-release")
		i.whiteout(gone)
	}},
	{"log of SQLite", "rpm", func(i *packageImage, at *declaring) {
		kept, log := sqliteWithLog(at.data)
		at.set(string(kept))
		i.add(at.layer, file(at.name+"-wal", string(log)))
	}},
	{"another form of SQLite", "rpm", func(i *packageImage, at *declaring) {
		at.set(string(sqliteAfter(at.data, pick(i.generator,
			"PRAGMA page_size=512; VACUUM", "PRAGMA page_size=65536; VACUUM", "PRAGMA journal_mode=DELETE; PRAGMA auto_vacuum=1; VACUUM",
			"ALTER TABLE Packages RENAME TO p2; CREATE VIEW Packages AS SELECT * FROM p2",
			"ALTER TABLE Packages RENAME TO PACKAGES2; ALTER TABLE PACKAGES2 RENAME TO packages",
			"CREATE TABLE x(a); DELETE FROM Packages WHERE rowid=1", "UPDATE Packages SET hnum=hnum+1000000",
			"CREATE TABLE filling(a); INSERT INTO filling VALUES (zeroblob(3000000))", "UPDATE Packages SET blob=blob||zeroblob(300000)",
			"CREATE TABLE p3(hnum INTEGER PRIMARY KEY, blob BLOB, more); INSERT INTO p3 SELECT *, 1 FROM Packages; DROP TABLE Packages; ALTER TABLE p3 RENAME TO Packages",
			"CREATE TABLE p3(more, blob BLOB, hnum); INSERT INTO p3 SELECT 1, blob, hnum FROM Packages; DROP TABLE Packages; ALTER TABLE p3 RENAME TO Packages",
			"CREATE TABLE p3(hnum INTEGER PRIMARY KEY, blob BLOB) WITHOUT ROWID; INSERT INTO p3 SELECT * FROM Packages; DROP TABLE Packages; ALTER TABLE p3 RENAME TO Packages",
			"INSERT INTO Packages (blob) SELECT blob FROM Packages", "INSERT INTO Packages (blob) VALUES ('text')", "INSERT INTO Packages (blob) VALUES (NULL)",
			"PRAGMA user_version=7", "PRAGMA schema_version=99999"))))
	}},
	edit("cut database", "rpm", func(i *packageImage, text string) string {
		return text[:max(0, len(text)-pick(i.generator, 1, 512, 4096, len(text)/2))]
	}),
	edit("apk in another form", "apk", func(i *packageImage, text string) string {
		return strings.Replace(text, "\nV:", pick(i.generator, "\nv:", "\nV: ", "\n V:", "\nX:y\nV:", "\nV:1\nV:", "\nVV:", "\n\x00\nV:", "\n:\nV:", "\nV", "\n#\nV:", fmt.Sprintf("\nX:%s\nV:", i.long())), 1)
	}),
}

// whiteout deletes a path of a layer below, in a layer above all of it.
func (i *packageImage) whiteout(gone string) {
	i.layers = append(i.layers, &tarball{end: make([]byte, 2*block), entries: []*entry{whiteoutOf(gone)}})
}
