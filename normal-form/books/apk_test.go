package books

import (
	"strings"
	"testing"
)

const apkTwo = "C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\nP:libssl3\nV:3.1.4-r5\nA:x86_64\no:openssl\n\n"

func TestApkListsWhatApkDoes(t *testing.T) {
	for _, c := range []struct {
		name string
		tree systemTree
		want []string
	}{
		{"both packages", systemTree{"lib/apk/db/installed": apkTwo}, []string{"libssl3 3.1.4-r5", "musl 1.2.4-r2"}},
		{"behind a line of any length", systemTree{"lib/apk/db/installed": "P:a\nV:1\nT:" + strings.Repeat("x", 200<<10) + "\n\n" + apkTwo}, []string{"a 1", "libssl3 3.1.4-r5", "musl 1.2.4-r2"}},
		{"one file behind a link", systemTree{"lib": "-> usr/lib", "usr/lib/apk/db/installed": apkTwo}, []string{"libssl3 3.1.4-r5", "musl 1.2.4-r2"}},
		{"two versions of one name", systemTree{"lib/apk/db/installed": "P:a\nV:1\n\nP:a\nV:2\n"}, []string{"a 1", "a 2"}},

		{"nothing where two databases contradict each other", systemTree{"lib/apk/db/installed": "P:a\nV:1\no:a\n", "usr/lib/apk/db/installed": "P:a\nV:1\no:b\n"}, []string{"a 1", "! by chance"}},
		{"nothing of a binary database alone", systemTree{"lib/apk/db/installed.adb": "ADB."}, []string{"! binary database"}},
		{"nothing of a link that leads out", systemTree{"lib/apk/db/installed": "-> /proc/self/cwd/db"}, []string{"! is not a file of the image"}},
		{"nothing of what is no field", systemTree{"lib/apk/db/installed": "P:a\nV:1\ngarbage\n"}, []string{"! line 3"}},
		{"nothing of two packages in one", systemTree{"lib/apk/db/installed": "P:a\nV:1\nP:b\n"}, []string{"! twice"}},
		{"nothing without a version", systemTree{"lib/apk/db/installed": "P:a\n\n"}, []string{"! no version"}},
	} {
		t.Run(c.name, func(t *testing.T) { checkListed(t, SystemPackages(c.tree), c.want) })
	}
}
