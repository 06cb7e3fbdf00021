package differential

import (
	"fmt"
	"strings"
)

const jsons = "npm composer"

// inside puts more keys in front of what an object says, or behind it.
func inside(i *packageImage, text, more string) string {
	if i.oneIn(2) {
		return strings.Replace(text, "{", "{"+more+",", 1)
	}
	if at := strings.LastIndex(text, "}"); at >= 0 {
		return text[:at] + "," + more + text[at:]
	}
	return text
}

// jsonHidings are texts that JSON.parse and PHP take and others do not, or read in another way.
var jsonHidings = []hiding{
	edit("key of another type", jsons, func(i *packageImage, text string) string {
		key := pick(i.generator, "dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "bundleDependencies", "license", "licenses", "author", "engines", "scripts", "files", "workspaces",
			"bin", "name", "version", "description", "packages", "dev", "dev-package-names", "__proto__", "constructor", "keywords", "private", "type")
		value := pick(i.generator, "null", "true", "1", "[]", "{}", "[\"a\"]", "{\"a\":{\"b\":\"c\"}}", "{\"a\":1}", "1e999", "-0", "\"\"", "[[[]]]", "123456789012345678901234567890", "{\"type\":[]}", "[{\"type\":1}]", "\"\\ud800\"")
		return inside(i, text, fmt.Sprintf("%q:%s", key, value))
	}),
	edit("key twice", jsons, func(i *packageImage, text string) string {
		key := pick(i.generator, "name", "version", "Name", "VERSION", "packages")
		return inside(i, text, fmt.Sprintf("%q:%s", key, pick(i.generator, "1", "\"other\"", "\"9.9.9\"", "null", "[]", "{}")))
	}),
	edit("key with escapes", jsons, func(i *packageImage, text string) string {
		return strings.Replace(text, pick(i.generator, `"name"`, `"version"`), pick(i.generator, `"n\u0061me"`, `"\u0076ersion"`, `"nam\u0065"`, `"name\u0000"`, `"NAME"`, `"ſname"`, `"ver\u017fion"`), 1)
	}),
	edit("value with escapes", jsons, func(i *packageImage, text string) string {
		return strings.Replace(text, pick(i.generator, `name": "`, `version": "`, `name":"`, `version":"`), pick(i.generator, `name": "\u0061`, `version": "\u0031`, `version": "v`, `version": " `, `version": "=`, `name": "A`, `name": ".`, `name": "@a\/`, `name": "\ud83d\ude00`, `version": "\n`,
			`name": "\ud800`, `name": "`+strings.Repeat("n", 250), `version": "`+strings.Repeat("1", 300)), 1)
	}),
	edit("JSON with more than JSON", jsons, func(i *packageImage, text string) string {
		return inside(i, text, pick(i.generator, `"a":1,`, `/* c */"a":1`, "// c\n\"a\":1", `a:1`, `'a':1`, `"a":NaN`, `"a":0x1`, `"a":.5`, `"a":"`+"\t"+`"`, `"a":"\x"`, `"a":01`, `"a":+1`, "\"a\":\"\x01\"", `"a":[1,]`))
	}),
	edit("object for a list", "composer", func(i *packageImage, text string) string {
		return strings.NewReplacer(`"packages": [`, `"packages": {"a":`, "\n    ],", "\n    },").Replace(text)
	}),
	edit("list without its object", "composer", func(i *packageImage, text string) string {
		from, to := strings.IndexByte(text, '['), strings.LastIndex(text, "],")
		if from < 0 || to < from {
			return text
		}
		return text[from:to] + "]"
	}),
	edit("deep JSON", jsons, func(i *packageImage, text string) string {
		n := pick(i.generator, 100, 511, 513, 9000, 10001, 20000)
		return inside(i, text, `"a":`+strings.Repeat(pick(i.generator, "[", "[[", `{"a":[`), n)+"0")
	}),
	edit("deep JSON that is closed", jsons, func(i *packageImage, text string) string {
		n := pick(i.generator, 100, 511, 513, 9000, 10001, 20000)
		return inside(i, text, `"a":`+strings.Repeat("[", n)+strings.Repeat("]", n))
	}),
	edit("long JSON", jsons, func(i *packageImage, text string) string {
		return inside(i, text, fmt.Sprintf("\"description\":%q", i.long()))
	}),
	edit("blanks in JSON", jsons, func(i *packageImage, text string) string {
		return strings.ReplaceAll(text, "\n", pick(i.generator, "", "\n\n\n", "\t", strings.Repeat(" ", 9000), "\u00a0", "\x0c"))
	}),
}
