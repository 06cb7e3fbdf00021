package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// A user of that name, by what the image itself says of it.
func TestTheUserIsLookedUpAsRuntimesDo(t *testing.T) {
	passwd := func(lines ...string) []thing {
		return []thing{file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"+strings.Join(lines, "\n"))}
	}
	for name, c := range map[string]struct {
		user   string
		layers [][]thing
		want   string // id at line; nothing; or words of why it is unknown
	}{
		"another":                       {"app", [][]thing{passwd("app:x:1000:1000::/:")}, "1000 at 2"},
		"root by another name":          {"app", [][]thing{passwd("app:x:0:0::/:")}, "0 at 2"},
		"with a group":                  {"app:app", [][]thing{passwd("app:x:0:1000::/:")}, "0 at 2"},
		"with group 0":                  {"app:0", [][]thing{passwd("app:x:1000:0::/:")}, "1000 at 2"},
		"00":                            {"app", [][]thing{passwd("app:x:00:0::/:")}, "0 at 2"},
		"+0":                            {"app", [][]thing{passwd("app:x:+0:0::/:")}, "0 at 2"},
		"-0":                            {"app", [][]thing{passwd("app:x:-0:0::/:")}, "0 at 2"},
		"leading zeros":                 {"app", [][]thing{passwd("app:x:0100:0::/:")}, "100 at 2"},
		"no id":                         {"app", [][]thing{passwd("app:x::0::/:")}, "line 2 of /etc/passwd has no number"},
		"no fields":                     {"app", [][]thing{passwd("app")}, "line 2 of /etc/passwd has no number"},
		"a word for an id":              {"app", [][]thing{passwd("app:x:abc:0::/:")}, "line 2 of /etc/passwd has no number"},
		"an id with a blank":            {"app", [][]thing{passwd("app:x:1000 :0::/:")}, "line 2 of /etc/passwd has no number"},
		"an id in hexadecimal":          {"app", [][]thing{passwd("app:x:0x10:0::/:")}, "line 2 of /etc/passwd has no number"},
		"an id of 33 bits":              {"app", [][]thing{passwd("app:x:4294967296:0::/:")}, "line 2 of /etc/passwd has no number"},
		"an id of 80 bits":              {"app", [][]thing{passwd("app:x:1208925819614629174706176:0::/:")}, "line 2 of /etc/passwd has no number"},
		"a negative id":                 {"app", [][]thing{passwd("app:x:-1:0::/:")}, "line 2 of /etc/passwd has no number"},
		"twice, root first":             {"app", [][]thing{passwd("app:x:0:0::/:", "app:x:1000:0::/:")}, "0 at 2"},
		"twice, root last":              {"app", [][]thing{passwd("app:x:1000:0::/:", "app:x:0:0::/:")}, "0 at 3"},
		"twice, never root":             {"app", [][]thing{passwd("app:x:1000:0::/:", "app:x:1001:0::/:")}, "1000 at 2"},
		"blanks around its line":        {"app", [][]thing{passwd("", "  app:x:0:0::/:\r")}, "0 at 3"},
		"blanks around its name":        {"app", [][]thing{passwd("app :x:0:0::/:", "app:x:1:1::/:")}, "0 at 2"},
		"only blanks around it":         {"app", [][]thing{passwd("app :x:5:0::/:")}, "does not name it"},
		"another case":                  {"app", [][]thing{passwd("App:x:5:0::/:")}, "does not name it"},
		"a comment":                     {"app", [][]thing{passwd("#app:x:5:0::/:")}, "does not name it"},
		"nobody":                        {"app", [][]thing{passwd()}, "does not name it"},
		"no passwd":                     {"app", [][]thing{{file("a", "1")}}, "has no /etc/passwd"},
		"a folder":                      {"app", [][]thing{{folder("etc/passwd")}}, "/etc/passwd is no file"},
		"deleted":                       {"app", [][]thing{passwd("app:x:0:0::/:"), {file("etc/.wh.passwd", "")}}, "has no /etc/passwd"},
		"of the last layer":             {"app", [][]thing{passwd("app:x:1:0::/:"), passwd("app:x:0:0::/:")}, "0 at 2"},
		"behind a link":                 {"app", [][]thing{{link("etc/passwd", "/opt/users"), file("opt/users", "app:x:0:0::/:")}}, "0 at 1"},
		"behind a folder's link":        {"app", [][]thing{{link("etc", "usr/etc"), file("usr/etc/passwd", "app:x:7:0::/:")}}, "7 at 1"},
		"behind a link out of the tree": {"app", [][]thing{{link("etc/passwd", "../../../../opt/users"), file("opt/users", "app:x:0:0::/:")}}, "0 at 1"},
		"behind a link to nothing":      {"app", [][]thing{{link("etc/passwd", "/nowhere")}}, "link to nothing"},
		"behind a link to itself":       {"app", [][]thing{{link("etc/passwd", "passwd")}}, "follow differently"},
		"behind a link that turns back": {"app", [][]thing{{link("etc/passwd", "../a/../users"), link("a", "b/c"), file("b/c/x", ""), file("b/users", "app:x:1:0::/:"), file("users", "app:x:0:0::/:")}}, "follow differently"},
		"behind a link by way of proc":  {"app", [][]thing{{link("etc/passwd", "/proc/self/root/users"), file("users", "app:x:1:0::/:")}}, "follow differently"},
		"a line that runtimes give up":  {"app", [][]thing{passwd("app:x:1:0::/:", strings.Repeat("x", 64<<10))}, "line 3 of /etc/passwd is longer"},
		"a number":                      {"1000", [][]thing{passwd("app:x:1000:0::/:")}, "nothing"},
		"a number without a passwd":     {"1000", [][]thing{{file("a", "1")}}, "nothing"},
		"a number that is root's name":  {"1000", [][]thing{passwd("1000:x:0:0::/:")}, "0 at 2"},
		"a number that is its own name": {"1000", [][]thing{passwd("1000:x:1000:0::/:")}, "nothing"},
		"a number with a sign":          {"+1000:5", [][]thing{passwd("app:x:0:0::/:")}, "nothing"},
		"a number that is too large":    {"99999999999999999999", [][]thing{passwd()}, "does not name it"},
		"no user":                       {"", [][]thing{passwd()}, "nothing"},
		"no user, but a group":          {":0", [][]thing{passwd()}, "nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			i := imageOf(t, c.layers...)
			text, _ := json.Marshal(c.user)
			i.config = `"os":"linux","config":{"User":` + string(text) + `}`
			got := "nothing"
			if u := i.accepted().User; u != nil {
				got = u.Unknown
				if u.UID != nil {
					got = fmt.Sprintf("%d at %d", *u.UID, u.Line)
				}
			}
			if !strings.Contains(got, c.want) || c.want == "" {
				t.Fatalf("%s, wanted %s", got, c.want)
			}
		})
	}
}
