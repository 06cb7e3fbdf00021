package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const token = "ghp_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzAbC"

func rsaKey(t testing.TB, bits int) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func found(content string) []string {
	var rules []string
	s := &secretSearch{r: strings.NewReader(content), found: func(rule string) { rules = append(rules, rule) }}
	io.Copy(io.Discard, onlyReader{s})
	return rules
}

func TestSecretsAreFoundWhereTrivyDoesNotLook(t *testing.T) {
	key := rsaKey(t, 2048)
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, _ := x509.MarshalECPrivateKey(ec)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	pkcs8, _ := x509.MarshalPKCS8PrivateKey(ed)
	block := func(kind string, bytes []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	ssh := "openssh-key-v1\x00\x00\x00\x00\x04none\x00\x00\x00\x04none" + strings.Repeat("\x01\x02", 80)
	locked := "openssh-key-v1\x00\x00\x00\x00\x0aaes256-ctr\x00\x00\x00\x06bcrypt" + strings.Repeat("\x01\x02", 80)
	for name, c := range map[string]struct {
		content string
		want    string
	}{
		"an RSA key":                {key, "private-key"},
		"an EC key":                 {block("EC PRIVATE KEY", der), "private-key"},
		"a PKCS #8 key":             {block("PRIVATE KEY", pkcs8), "private-key"},
		"a key of OpenSSH":          {block("OPENSSH PRIVATE KEY", []byte(ssh)), "private-key"},
		"in a binary file":          {"\x7fELF\x00\x01" + key + "\x00\xff", "private-key"},
		"spaces at line ends":       {strings.ReplaceAll(key, "\n", " \t \n"), "private-key"},
		"blank lines":               {strings.ReplaceAll(key, "\n", "\n\n"), "private-key"},
		"lines of Windows":          {strings.ReplaceAll(key, "\n", "\r\n"), "private-key"},
		"in JSON":                   {`{"key":"` + strings.ReplaceAll(key, "\n", `\n`) + `"}`, "private-key"},
		"in JSON in JSON":           {strings.ReplaceAll(key, "\n", `\\n`), "private-key"},
		"one line":                  {strings.ReplaceAll(key, "\n", ""), "private-key"},
		"across 64 KiB":             {strings.Repeat("x\n", 32<<10-300) + key, "private-key"},
		"a token":                   {"\x00" + token + "\x00", "github-pat"},
		"a token at the end":        {"a=" + token, "github-pat"},
		"of an installation":        {"ghs_" + strings.Repeat(token[4:], 3), "github-app-token"},
		"fine-grained":              {"github_pat_" + strings.Repeat(token[4:], 3)[:22] + "_" + strings.Repeat(token[4:], 3)[:59], "github-fine-grained-pat"},
		"of GitLab":                 {"glpat-" + token[4:24], "gitlab-pat"},
		"of npm":                    {"//x/:_authToken=npm_" + token[4:] + "\n", "npm-access-token"},
		"of Stripe":                 {"'sk_live_" + token[4:28] + "'", "stripe-secret-token"},
		"of Slack":                  {"xoxb-1234567890-0987654321-" + token[4:28], "slack-access-token"},
		"of age":                    {"AGE-SECRET-KEY-1" + strings.Repeat("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 2)[:58], "age-secret-key"},
		"a header":                  {"-----BEGIN RSA PRIVATE KEY-----\x00-----END RSA PRIVATE KEY-----", ""},
		"headers of a library":      {strings.Repeat("-----BEGIN EC PRIVATE KEY-----\x00-----BEGIN PRIVATE KEY-----\x00", 9), ""},
		"a header and other text":   {"-----BEGIN PRIVATE KEY-----\nMIIE...your key here...\n-----END PRIVATE KEY-----", ""},
		"no key":                    {block("PRIVATE KEY", bytes.Repeat([]byte("0123456789"), 40)), ""},
		"a certificate":             {block("CERTIFICATE", pkcs8), ""},
		"a public key":              {block("PUBLIC KEY", pkcs8), ""},
		"a testing key of Go":       {strings.ReplaceAll(key, "PRIVATE KEY", "TESTING KEY"), ""},
		"an encrypted key":          {block("ENCRYPTED PRIVATE KEY", pkcs8), ""},
		"an encrypted RSA key":      {strings.Replace(key, "\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1), ""},
		"an encrypted OpenSSH key":  {block("OPENSSH PRIVATE KEY", []byte(locked)), ""},
		"half a key":                {key[:len(key)/2] + "\n-----END RSA PRIVATE KEY-----", ""},
		"a key without an end":      {key[:len(key)-40], ""},
		"a short token":             {token[:30] + " ", ""},
		"a placeholder":             {"ghp_" + strings.Repeat("x", 36), ""},
		"a word that ends like one": {"graph" + token[1:], ""},
		"settings of npm":           {"npm_config_user_agent npm_lifecycle_event", ""},
		"a longer word":             {"npm_" + token[4:] + "abc", ""},
		"nothing":                   {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(found(c.content), " "); got != c.want {
				t.Fatalf("%q, wanted %q", got, c.want)
			}
		})
	}
}

// A secret is found wherever buffers end.
func TestSecretsAreFoundAcrossBuffers(t *testing.T) {
	key := rsaKey(t, 4096)
	content := "x" + key + "\x00" + token + " " + strings.Repeat("-", 90) + rsaKey(t, 1024)
	for size := 1; size < 5000; size = size*3/2 + 1 {
		var rules []string
		s := &secretSearch{r: strings.NewReader(content), found: func(rule string) { rules = append(rules, rule) }}
		io.CopyBuffer(onlyWriter{io.Discard}, onlyReader{s}, make([]byte, size))
		slices.Sort(rules)
		if got := fmt.Sprint(slices.Compact(rules)); got != "[github-pat private-key]" {
			t.Fatalf("%d: %s", size, got)
		}
	}
	var rules []string
	s := &secretSearch{r: iotest.DataErrReader(strings.NewReader(content)), found: func(rule string) { rules = append(rules, rule) }}
	io.Copy(io.Discard, s)
	if len(rules) < 3 {
		t.Fatal(rules)
	}
}

func TestAnImageNamesItsSecrets(t *testing.T) {
	key := rsaKey(t, 2048)
	for name, c := range map[string]struct {
		layers           [][]thing
		config, manifest string
		want             []string
	}{
		"none":                 {layers: [][]thing{{file("a", "1")}}},
		"in a file":            {layers: [][]thing{{file("app/k", "\x00"+key)}}, want: []string{"app/k private-key 1"}},
		"in a covered file":    {layers: [][]thing{{file("k", key)}, {file("k", "")}}, want: []string{"k private-key 1"}},
		"in a deleted file":    {layers: [][]thing{{file("k", key)}, {file(".wh.k", "")}}, want: []string{"k private-key 1"}},
		"twice in its layer":   {layers: [][]thing{{file("k", key), file("k", "")}}, want: []string{"k private-key 1"}},
		"behind a hard link":   {layers: [][]thing{{file("usr/share/k", key), hard("k", "usr/share/k")}}, want: []string{"k private-key 1"}},
		"in each layer":        {layers: [][]thing{{file("k", key)}, {file("k", key), file("b", "")}}, want: []string{"k private-key 1", "k private-key 2"}},
		"twice in a file":      {layers: [][]thing{{file("k", key+key)}}, want: []string{"k private-key 1"}},
		"of the distribution":  {layers: [][]thing{{file("usr/lib/k", key), file("usr/share/k", key), file("usr/local/lib/python3.12/test/k", key), file("usr/local/go/k", key), file("opt/yarn-v1.22.22/k", key)}}},
		"beside such a place":  {layers: [][]thing{{file("usr/library/k", key), file("usr/local/lib/python3.12", key), file("usr/local/lib/pythonic/k", key), file("opt/yarn/k", key)}}, want: []string{"opt/yarn/k private-key 1", "usr/library/k private-key 1", "usr/local/lib/python3.12 private-key 1", "usr/local/lib/pythonic/k private-key 1"}},
		"in an annotation":     {manifest: `"annotations":{"a":` + quote(key) + `}`, want: []string{"manifest private-key 0"}},
		"in container_config":  {config: `"container_config":{"Env":["A=` + token + `"]}`, want: []string{"config github-pat 0"}},
		"in an unknown key":    {config: `"x":{"y":[{"z":` + quote(key) + `}]}`, want: []string{"config private-key 0"}},
		"in an escaped text":   {config: `"x":"\u0067hp_` + token[4:] + `"`, want: []string{"config github-pat 0"}},
		"as a key of a config": {config: `"x":{"` + token + `":1}`, want: []string{"config github-pat 0"}},
		"in Env":               {config: `"config":{"Env":["A=` + token + `"]}`, want: []string{"config github-pat 0"}},
		"in the history":       {config: `"history":[{"created_by":"x","y":"` + token + `"}]`, want: []string{"config github-pat 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.layers == nil {
				c.layers = [][]thing{{file("a", "1")}}
			}
			i := imageOf(t, c.layers...)
			i.config, i.manifest = c.config, c.manifest
			r := i.accepted()
			got := []string{}
			for _, s := range r.Secrets {
				n := 1 + slices.IndexFunc(r.Layers, func(l formLayer) bool { return l.Holds == holdsFiles && l.Digest == s.Layer })
				of := 0
				for at, l := range i.layers {
					if digestOfBytes(l.blob) == s.Layer {
						of = at + 1
					}
				}
				if s.Layer != "" && n == 0 {
					t.Error("of no layer")
				}
				got = append(got, fmt.Sprint(s.Path, " ", s.Rule, " ", of))
			}
			slices.Sort(got)
			if fmt.Sprint(got) != fmt.Sprint(append([]string{}, c.want...)) {
				t.Fatalf("%q, wanted %q", got, c.want)
			}
			if text, _ := json.Marshal(r.form); bytes.Contains(text, []byte(token)) || bytes.Contains(text, []byte("BEGIN")) {
				t.Fatal("the secret is in the form")
			}
		})
	}
}

func quote(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

func TestWordsWithoutAPlaceReachTheSearchForSecrets(t *testing.T) {
	i := imageOf(t, []thing{file("a", "1")})
	i.config = `"author":"me","container_config":{"Env":["DB_PASSWORD=hunter2"]},"x":{"aws_secret_access_key":"k"},"config":{"User":"1","Secret":"s"}`
	i.manifest = `"annotations":{"a":"b"}`
	author := i.accepted().normalDocument()["author"]
	if want := "me annotations a=b ENV DB_PASSWORD=hunter2 # buildkit container_config Env DB_PASSWORD=hunter2 x aws_secret_access_key=k Secret=s"; author != want {
		t.Fatalf("%q, wanted %q", author, want)
	}
}

func TestTheListOfSecretsIsBounded(t *testing.T) {
	things := []thing{}
	for n := range maxSecrets + 5 {
		things = append(things, file(fmt.Sprintf("%d/%s", n, strings.Repeat("x", 200)+"/"+strings.Repeat("y", 200)), token))
	}
	r := imageOf(t, things).accepted()
	text, _ := json.Marshal(r.Secrets)
	if len(r.Secrets) != maxSecrets || r.MoreSecrets != 5 || len(text) > maxSecrets*600 {
		t.Fatal(len(r.Secrets), r.MoreSecrets, len(text))
	}
}

// rule 5.6, limits: whatever the content, the search takes time in proportion to it.
func TestTheSearchIsLinear(t *testing.T) {
	for name, part := range map[string]string{
		"headers": "-----BEGIN RSA PRIVATE KEY-----", "dashes": "-", "labels": "-----BEGIN ", "bodies": "-----BEGIN PRIVATE KEY-----AAAA", "prefixes": "ghp_",
		"open keys": "-----BEGIN PRIVATE KEY-----" + strings.Repeat("A", 40_000), "almost": token[:39] + ".",
	} {
		content := strings.Repeat(part, 32<<20/len(part))
		start := time.Now()
		found(content)
		// tenths of a second; with a search that begins again at each byte, hours
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%s: %v", name, took)
		}
	}
}

func BenchmarkSecretSearch(b *testing.B) {
	random := make([]byte, 64<<20)
	rand.Read(random)
	text := []byte(strings.Repeat("func (s *secret_search) next_part(p []byte) { // --- a line of a program, as they are\n\treturn a-b\n", 64<<20/96))
	for name, content := range map[string][]byte{"binary": random, "text": text} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for range b.N {
				s := &secretSearch{r: bytes.NewReader(content), found: func(string) {}}
				io.CopyBuffer(onlyWriter{io.Discard}, onlyReader{s}, make([]byte, bufferSize))
			}
		})
	}
}
