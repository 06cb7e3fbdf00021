package books

import (
	"strings"
	"testing"
)

const minimist = `"name":"minimist","version":"0.0.8"`

func TestDeclareNode(t *testing.T) {
	const at = "app/node_modules/minimist/package.json"
	for name, c := range map[string]struct{ text, want string }{
		"plain":                                       {`{` + minimist + `}`, "minimist@0.0.8"},
		"with a byte-order mark":                      {"\xef\xbb\xbf{" + minimist + `}`, "minimist@0.0.8"},
		"devDependencies of objects":                  {`{` + minimist + `,"devDependencies":{"a":{"b":"1"}}}`, "minimist@0.0.8"},
		"dependencies in a list":                      {`{"dependencies":["a"],` + minimist + `}`, "minimist@0.0.8"},
		"a version twice: the last counts":            {`{"version":"9.9.9",` + minimist + `}`, "minimist@0.0.8"},
		"keys in another case are other keys":         {`{` + minimist + `,"Version":"9.9.9","NAME":"other"}`, "minimist@0.0.8"},
		"with escapes":                                {`{"n\u0061me":"minim\u0069st","version":"0.0.8"}`, "minimist@0.0.8"},
		"scoped":                                      {`{"name":"@a/b","version":"1.0.0"}`, "@a/b@1.0.0"},
		"an old name":                                 {`{"name":"a'b~c","version":"1.0.0"}`, "a'b~c@1.0.0"},
		"something behind it":                         {`{` + minimist + `} and more`, "minimist@0.0.8"},
		"a version before its release":                {`{"name":"a","version":"1.0.0-rc.1+build.5"}`, "a@1.0.0-rc.1+build.5"},
		"a version with a letter before it":           {`{"name":"minimist","version":"v0.0.8"}`, "broken"},
		"a version with a sign before it":             {`{"name":"minimist","version":" = 0.0.8"}`, "broken"},
		"a version with a blank behind it":            {`{"name":"minimist","version":"0.0.8\u00a0"}`, "broken"},
		"a version with zeros":                        {`{"name":"minimist","version":"00.0.8"}`, "broken"},
		"a version without a dash":                    {`{"name":"minimist","version":"0.0.8beta"}`, "broken"},
		"a version that npm does not take":            {`{"name":"minimist","version":"0.0"}`, "minimist@0.0"},
		"no name":                                     {`{"type":"module"}`, "nameless"},
		"no version":                                  {`{"name":"a"}`, "nameless"},
		"a template":                                  {`{"name":"%name%","version":"0.1.0"}`, "nameless"},
		"a name that is no text":                      {`{"name":1,"version":"0.1.0"}`, "nameless"},
		"another case only":                           {`{"Name":"a","Version":"1.0.0"}`, "nameless"},
		"empty":                                       {``, "nameless"},
		"a list":                                      {`[]`, "nameless"},
		"a template that is no JSON":                  {`{"name": "{{ name }}", "version": {{ version }}}`, "nameless"},
		"no JSON, and Node 22 loads it":               {`{` + minimist + `,"main":"index.js","x":nope}`, "broken"},
		"no JSON, with escapes":                       {`{"n\u0061me":"a","version":"\u0031.0.0","x":nope}`, "broken"},
		"more values within each other than Go reads": {`{"name":"a","version":"1.0.0","x":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `}`, "broken"},
		"that, behind escapes":                        {`{"x":` + strings.Repeat("[", 10001) + strings.Repeat("]", 10001) + `,"n\u0061me":"\u0061","version":"\u0031.0.0"}`, "broken"},
		"a comment":                                   {"{" + minimist + "// why\n}", "broken"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, files{at: c.text}, at+" node-pkg "+c.want) })
	}
}

func TestNodePackagesInArchives(t *testing.T) {
	const name = "node_modules/minimist/package.json"
	expect(t, files{
		"broken.zip":   zipped(t, entry{name, `{` + minimist + `,}`}),
		"large.zip":    zipped(t, entry{name, `{` + minimist + `}` + strings.Repeat(" ", mostOfText)}),
		"nameless.zip": zipped(t, entry{name, `{}`}),
		"plain.zip":    zipped(t, entry{name, `{` + minimist + `}`}),
	},
		"broken.zip node-pkg unread", "large.zip node-pkg unread", "plain.zip node-pkg minimist@0.0.8 unread")
}

func TestNodeGoesByTheName(t *testing.T) {
	expect(t, files{"app/Package.json": `{` + minimist + `}`, "app/package.json.bak": `{` + minimist + `}`, "package-lock.json": "{}"})
}

func FuzzDeclareNode(f *testing.F) {
	f.Add([]byte(`{` + minimist + `}`))
	f.Add([]byte("\xef\xbb\xbf{\"a\":[{}],\"name\":\"x\",\"version\":\"\\ud800\"} x"))
	f.Fuzz(func(t *testing.T, text []byte) { declareSomething(t, declareNode, text) })
}

// declareSomething: whatever the text is, it is said what it declares, or why nothing.
func declareSomething(t *testing.T, declare func(*Declaration, []byte), text []byte) {
	t.Helper()
	d := Declaration{Path: "composer/file"}
	declare(&d, text)
	if d.Kind == "" || len(d.Packages) == 0 && d.Nameless == "" && d.Unread == "" && d.Broken == "" {
		t.Errorf("%q declares neither packages nor a reason: %+v", text, d)
	}
	for _, p := range d.Packages {
		if p.Name == "" || p.Version == "" {
			t.Errorf("%q declares %+v", text, p)
		}
	}
}
