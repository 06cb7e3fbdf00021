package differential

import (
	"strings"
	"unicode/utf16"
)

const texts = "npm pip dpkg apk gem composer"

// textHidings change the letters of a text and not what it says to a reader who is patient.
var textHidings = []hiding{
	edit("byte-order mark", texts, func(i *packageImage, text string) string {
		return pick(i.generator, "\ufeff", "\ufeff\ufeff", "\xef\xbb", "\u200b") + text
	}),
	edit("UTF-16", texts, func(i *packageImage, text string) string {
		var out strings.Builder
		little := i.oneIn(2)
		for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
			a, b := byte(u>>8), byte(u)
			if little {
				a, b = b, a
			}
			out.WriteByte(a)
			out.WriteByte(b)
		}
		return out.String()
	}),
	edit("other ends of lines", texts, func(i *packageImage, text string) string {
		return strings.ReplaceAll(text, "\n", pick(i.generator, "\r\n", "\r", "\n\r", "\r\r\n", "\n\n", "\x0b", "\x0c", "\u0085", "\u2028", "\x1a", "\x1a\n", " \n", "\t\n"))
	}),
	edit("one other end of a line", texts, func(i *packageImage, text string) string {
		lines := strings.SplitAfter(text, "\n")
		at := i.Intn(len(lines))
		lines[at] = strings.TrimSuffix(lines[at], "\n") + pick(i.generator, "\r\n", "\r", "\n\r", "\n\n", "\x0b", "\x0c", "\u0085", "\u2028", "\x1a", "\x1a\x1a", " \n", "\n \n", "", "\x00\n", "\\\n")
		return strings.Join(lines, "")
	}),
	edit("bytes in front", texts, func(i *packageImage, text string) string {
		return pick(i.generator, " ", "\n", "\t", "\r", "\r\n", "\n\n", "\x00", "\x0c", "#\n", "# c\n", "//\n", "/**/", "\xff", "x\n", "x: y\n", "\n \n", "From x\n", "\u00a0", ";") + text
	}),
	edit("bytes behind", texts, func(i *packageImage, text string) string {
		return text + pick(i.generator, "\x00", " ", "\n\n\n", "x", "{}", "\x1a", "\n\nx", ",", "#", "\nName: other\nVersion: 9\n", "{\"name\":\"x\",\"version\":\"9\"}", "__END__\n")
	}),
	edit("one other byte", texts, func(i *packageImage, text string) string {
		at := i.Intn(len(text) + 1)
		return text[:at] + pick(i.generator, "\x00", "\xff", "\xe9", "\u00a0", "\u200b", "\r", "\x1a", "\\", "\"", "'", ":", " ", "\n", "#", "\x7f") + text[min(len(text), at+i.Intn(2)):]
	}),
	edit("cut off", texts, func(i *packageImage, text string) string { return text[:i.Intn(len(text)+1)] }),
	edit("text said twice", texts, func(i *packageImage, text string) string {
		return text + pick(i.generator, "", "\n", "\n\n") + text
	}),
	edit("lines in another order", texts, func(i *packageImage, text string) string {
		lines := strings.SplitAfter(text, "\n")
		a, b := i.Intn(len(lines)), i.Intn(len(lines))
		lines[a], lines[b] = lines[b], lines[a]
		return strings.Join(lines, "")
	}),
	edit("names in another case", texts, func(i *packageImage, text string) string {
		word := pick(i.generator, "Name", "name", "Version", "version", "Package", "Status", "package", "installed", "P:", "V:")
		return strings.Replace(text, word, pick(i.generator, strings.ToUpper(word), strings.ToLower(word), strings.ToUpper(word[:1])+word[1:]), 1+i.Intn(3))
	}),
}

// sizeHidings make a file larger than some reader takes.
var sizeHidings = []hiding{
	edit("very long", texts, func(i *packageImage, text string) string {
		blanks := strings.Repeat(pick(i.generator, " ", "\n"), pick(i.generator, 1<<20, 3<<20, 9<<20, 17<<20))
		if i.oneIn(2) {
			return text + blanks
		}
		return blanks + text
	}),
}

// long is filling of a size at which some reader gives up.
func (i *packageImage) long() string {
	return strings.Repeat("x", pick(i.generator, 998, 4096, 64<<10-2, 64<<10, 70<<10, 130<<10, 300<<10, 1<<20+1, 2<<20))
}
