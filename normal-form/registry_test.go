//go:build registry && linux

package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const ecrOfAccount = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"

// fakeRegistry serves a layout. A handler may answer in its place.
func fakeRegistry(t *testing.T, folder string, first func(w http.ResponseWriter, r *http.Request) bool) *registry {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Basic token" {
			t.Errorf("%s has %q", r.URL, r.Header.Get("Authorization"))
		}
		if first != nil && first(w, r) {
			return
		}
		serve(w, r, folder)
	}))
	t.Cleanup(server.Close)
	endpoint, _ := url.Parse(server.URL)
	r := newRegistry(authorization{endpoint, "Basic token"}, "team/app")
	r.pause = time.Millisecond
	return r
}

func serve(w http.ResponseWriter, r *http.Request, folder string) {
	text, err := os.ReadFile(filepath.Join(folder, "blobs", "sha256", hexOf(filepath.Base(r.URL.Path))))
	if err != nil {
		http.Error(w, "none", http.StatusNotFound)
		return
	}
	w.Write(text)
}

func TestARegistryIsRead(t *testing.T) {
	i := imageOf(t, []thing{file("a", strings.Repeat("x", 1<<20))}, []thing{file("b", "2")})
	digest := i.write()
	paths := make(chan string, 10)
	r := fakeRegistry(t, i.folder, func(_ http.ResponseWriter, r *http.Request) bool { paths <- r.URL.Path; return false })
	f, err := makeForm(r, digest, t.TempDir(), options{1 << 30, 100})
	if first := <-paths; err != nil || len(f.Layers) != 2 || first != "/v2/team/app/manifests/"+digest {
		t.Fatal(err, f, first)
	}
}

func TestAnswersOfARegistry(t *testing.T) {
	i := imageOf(t, []thing{file("a", strings.Repeat("x", 1<<20))})
	digest := i.write()
	blob := i.layers[0].diffID
	for name, c := range map[string]struct {
		path   string
		status int
		times  int
		cause  cause // "" if it is read in the end
	}{
		"denied":              {"/manifests/", 401, 99, registryDenied},
		"forbidden":           {"/blobs/", 403, 99, registryDenied},
		"no such image":       {"/manifests/", 404, 99, imageGone},
		"no such blob":        {"/blobs/" + blob, 404, 99, unscannable},
		"throttled":           {"/blobs/", 429, 99, registryThrottled},
		"throttled for a bit": {"/blobs/", 429, 3, ""},
		"unavailable":         {"/manifests/", 503, 99, registryUnavailable},
		"unavailable a bit":   {"/manifests/", 500, 4, ""},
		"a bad request":       {"/blobs/", 400, 99, scannerFailed},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			r := fakeRegistry(t, i.folder, func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.Contains(r.URL.Path, c.path) {
					return false
				}
				asked++
				if asked <= c.times {
					w.WriteHeader(c.status)
				}
				return asked <= c.times
			})
			_, err := makeForm(r, digest, t.TempDir(), options{1 << 30, 100})
			if c.cause == "" && err != nil || c.cause != "" && (err == nil || failureOf(err).Cause != c.cause) {
				t.Fatal(err)
			}
			if asked > maxTries*maxStarts {
				t.Fatalf("asked %d times", asked)
			}
		})
	}
}

func TestABrokenConnectionIsTakenUpFromTheStart(t *testing.T) {
	i := imageOf(t, []thing{file("a", strings.Repeat("x", 1<<20))})
	digest := i.write()
	for breaks, fails := range map[int]bool{1: false, maxStarts - 1: false, 99: true} {
		asked := 0
		r := fakeRegistry(t, i.folder, func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, i.layers[0].diffID) {
				return false
			}
			if asked++; asked > breaks {
				return false
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(i.layers[0].blob)))
			w.Write(i.layers[0].blob[:700<<10])
			return true
		})
		out := t.TempDir()
		// The limit holds for what counts, not for what was read in vain.
		_, err := makeForm(r, digest, out, options{3 << 19, 3})
		if fails != (err != nil) || fails && (failureOf(err).Cause != registryUnavailable || asked != maxStarts) {
			t.Fatal(breaks, asked, err)
		}
		if left, _ := filepath.Glob(filepath.Join(out, "image", "layer-*")); len(left) > 0 {
			t.Fatal(left)
		}
	}
}

func TestTheTokenGoesNowhereElse(t *testing.T) {
	i := imageOf(t, []thing{file("a", "1")})
	digest := i.write()
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the storage got the token")
		}
		serve(w, r, i.folder)
	}))
	defer storage.Close()
	redirect := func(to string) *registry {
		return fakeRegistry(t, i.folder, func(w http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.URL.Path, "/blobs/") {
				http.Redirect(w, r, to+"/"+filepath.Base(r.URL.Path)+"?X-Amz-Signature=secret", http.StatusTemporaryRedirect)
				return true
			}
			return false
		})
	}
	if _, err := makeForm(redirect(storage.URL), digest, t.TempDir(), options{1 << 30, 100}); err != nil {
		t.Fatal(err)
	}
	_, err := makeForm(redirect("http://storage.example"), digest, t.TempDir(), options{1 << 30, 100})
	if err == nil || failureOf(err).Cause != scannerFailed || !strings.Contains(err.Error(), "only https") || strings.Contains(err.Error(), "secret") {
		t.Fatal(err)
	}
}

func TestNamesOfRepositories(t *testing.T) {
	for name, want := range map[string]string{
		ecrOfAccount + "/app":        "eu-west-1",
		ecrOfAccount + "/team/app-1": "eu-west-1",
		"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/a": "us-gov-west-1",
		"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a":      "cn-north-1",
		"123456789012.dkr-ecr.eu-west-1.on.aws/a":                 "eu-west-1",
		ecrOfAccount:                       "",
		ecrOfAccount + "/app:tag":          "",
		ecrOfAccount + "/../app":           "",
		ecrOfAccount + ".evil.example/app": "",
		"registry.example/app":        "",
		"x" + ecrOfAccount + "/app":        "",
		"http://" + ecrOfAccount + "/app":  "",
		ecrOfAccount + "/app?x":            "",
	} {
		r, err := repositoryOf(name)
		if r.region != want || (err == nil) != (want != "") {
			t.Error(name, r, err)
		}
	}
}

func TestECRGivesTheTokenAndTheEndpoint(t *testing.T) {
	i := imageOf(t, []thing{file("a", "1")})
	digest := i.write()
	var cloud *httptest.Server
	answer := 200
	cloud = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/credentials":
			if r.Header.Get("Authorization") != "container" {
				t.Error("no authorization for the container's credentials")
			}
			fmt.Fprintf(w, `{"AccessKeyId":"AKID","SecretAccessKey":"secret","Token":"t","Expiration":%q}`, time.Now().Add(time.Hour).Format(time.RFC3339))
		case strings.HasSuffix(r.Header.Get("X-Amz-Target"), "GetAuthorizationToken"):
			if !strings.Contains(r.Header.Get("Authorization"), "Credential=AKID/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/ecr/") {
				t.Error(r.Header.Get("Authorization"))
			}
			if answer != 200 {
				w.WriteHeader(answer)
				fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"no"}`)
				return
			}
			fmt.Fprintf(w, `{"authorizationData":[{"authorizationToken":%q,"proxyEndpoint":%q}]}`, base64.StdEncoding.EncodeToString([]byte("AWS:p")), cloud.URL)
		default:
			if r.Header.Get("Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte("AWS:p")) {
				t.Error(r.URL)
			}
			serve(w, r, i.folder)
		}
	}))
	defer cloud.Close()
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_ENDPOINT_URL", cloud.URL)
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", cloud.URL+"/credentials")
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	out := t.TempDir()
	if status := run(digest, out, ecrOfAccount+"/team/app", options{1 << 30, 100}); status != 0 {
		t.Fatal(status, formOf(t, out).Failure)
	}
	answer = 400
	if status := run(digest, out, ecrOfAccount+"/team/app", options{1 << 30, 100}); status != exitUnread || formOf(t, out).Failure.Cause != registryDenied {
		t.Fatal(status, formOf(t, out).Failure)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	if status := run(digest, out, ecrOfAccount+"/team/app", options{1 << 30, 100}); status != exitUnread || formOf(t, out).Failure.Cause != registryUnavailable {
		t.Fatal(status, formOf(t, out).Failure)
	}
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
	if status := run(digest, out, ecrOfAccount+"/team/app", options{1 << 30, 100}); status != exitUnread || formOf(t, out).Failure.Cause != scannerFailed {
		t.Fatal(status, formOf(t, out).Failure)
	}
}

func TestWhereTheRegistryIs(t *testing.T) {
	r := repository{host: ecrOfAccount}
	for answered, want := range map[string]string{
		"https://999999999999.dkr.ecr.eu-west-1.amazonaws.com": "https://" + ecrOfAccount, // the caller's own registry; the token opens this one, too
		"http://127.0.0.1:4566":                                "http://127.0.0.1:4566",
		"https://cloud.example":                                "https://cloud.example",
		"http://cloud.example":                                 "",
		"":                                                     "",
	} {
		u, err := endpointOf(r, answered)
		if want == "" && err == nil || want != "" && (err != nil || u.String() != want) {
			t.Error(answered, u, err)
		}
	}
}
