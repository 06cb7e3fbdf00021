package books

import (
	"bytes"
	"strconv"
	"strings"
)

// mavenCoordinates reads pom.properties as Java's Properties do: "=", ":" or blanks behind the key, blanks before it, escapes, lines that go on
// behind a backslash, of any length; the last value of a key counts.
func mavenCoordinates(text []byte) (group, artifact, version string) {
	for len(text) > 0 {
		var line []byte
		line, text = logicalLine(text)
		key, value := property(line)
		switch key {
		case "groupId":
			group = value
		case "artifactId":
			artifact = value
		case "version":
			version = value
		}
	}
	return group, artifact, version
}

// logicalLine without the blanks before it, and with the lines that continue it. Comments and blank lines are none.
func logicalLine(text []byte) (line, rest []byte) {
	natural, rest := cutLine(text)
	natural = trimBlanks(natural)
	if len(natural) == 0 || natural[0] == '#' || natural[0] == '!' {
		return nil, rest
	}
	if !goesOn(natural) {
		return natural, rest
	}
	var whole bytes.Buffer
	for goesOn(natural) {
		whole.Write(natural[:len(natural)-1])
		if len(rest) == 0 {
			return whole.Bytes(), nil
		}
		natural, rest = cutLine(rest)
		natural = trimBlanks(natural)
	}
	whole.Write(natural)
	return whole.Bytes(), rest
}

func trimBlanks(line []byte) []byte { return bytes.TrimLeft(line, " \t\f") }

// goesOn: an odd number of backslashes at the end.
func goesOn(line []byte) bool {
	return (len(line)-len(bytes.TrimRight(line, `\`)))%2 == 1
}

// property splits a line at the first separator that no backslash stands before.
func property(line []byte) (key, value string) {
	end := 0
	for end < len(line) && !strings.ContainsRune("=: \t\f", rune(line[end])) {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(line))
	rest := trimBlanks(line[end:])
	if len(rest) > 0 && (rest[0] == '=' || rest[0] == ':') {
		rest = trimBlanks(rest[1:])
	}
	return unescaped(line[:end]), strings.TrimSpace(unescaped(rest))
}

// unescaped text, which is Latin-1 on its own; bytes of UTF-8 are left as they are, since Trivy leaves them.
func unescaped(text []byte) string {
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text)
	}
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			plain.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case 'u':
			code, err := strconv.ParseUint(string(text[i+1:min(i+5, len(text))]), 16, 16)
			if err != nil {
				plain.WriteByte(c)
				continue
			}
			plain.WriteRune(rune(code))
			i += 4
		case 't':
			plain.WriteByte('\t')
		case 'n':
			plain.WriteByte('\n')
		case 'r':
			plain.WriteByte('\r')
		case 'f':
			plain.WriteByte('\f')
		default:
			plain.WriteByte(c)
		}
	}
	return plain.String()
}
