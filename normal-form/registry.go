//go:build registry && linux

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	maxTries     = 5
	firstPause   = 500 * time.Millisecond
	longestPause = 20 * time.Second
	maxRedirects = 5
	// silence is how long a registry may send nothing before the connection counts as broken.
	silence = 60 * time.Second
)

// registry reads manifests and blobs by digest.
type registry struct {
	authorization
	repository string
	client     *http.Client
	pause      time.Duration // before the second try; tests need no patience
}

func registryOf(name string) (source, error) {
	r, err := repositoryOf(name)
	if err != nil {
		return nil, err
	}
	a, err := authorize(r)
	if err != nil {
		return nil, err
	}
	return newRegistry(a, r.name), nil
}

func newRegistry(a authorization, repository string) *registry {
	transport := http.DefaultTransport.(*http.Transport).Clone() // with its proxies and certificates from the environment
	transport.ResponseHeaderTimeout = silence
	transport.DisableCompression = true
	r := &registry{authorization: a, repository: repository, pause: firstPause}
	r.client = &http.Client{Transport: &authorizing{a, transport}, CheckRedirect: r.checkRedirect}
	return r
}

// authorizing adds the token to requests to the registry itself, and to no other: a redirect leads to storage that shall not have it.
type authorizing struct {
	authorization
	next http.RoundTripper
}

func (a *authorizing) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Scheme == a.endpoint.Scheme && request.URL.Host == a.endpoint.Host {
		request = request.Clone(request.Context())
		request.Header.Set("Authorization", a.header)
	}
	return a.next.RoundTrip(request)
}

func (r *registry) checkRedirect(request *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects {
		return fail(scannerFailed, "the registry redirects more than %d times", maxRedirects)
	}
	if request.URL.Scheme == "https" || isLocal(request.URL) && isLocal(r.endpoint) && r.endpoint.Scheme == "http" {
		return nil
	}
	return fail(scannerFailed, "the registry redirects to %s://%.200s: only https is followed", request.URL.Scheme, request.URL.Host)
}

func isLocal(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

const manifestTypes = ociManifestType + ", " + dockerManifestType + ", " +
	"application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"

func (r *registry) manifest(digest string) (io.ReadCloser, error) {
	return r.get("manifests", digest, manifestTypes, imageGone)
}

func (r *registry) blob(digest string) (io.ReadCloser, error) {
	return r.get("blobs", digest, "application/octet-stream, */*", unscannable)
}

// get asks until there is an answer, or until it is clear that there will be none.
func (r *registry) get(kind, digest, accept string, absent cause) (io.ReadCloser, error) {
	address := r.endpoint.JoinPath("v2", r.repository, kind, digest)
	pause := r.pause
	for try := 1; ; try++ {
		body, wait, err := r.tryOnce(address.String(), accept, absent)
		if err == nil {
			return body, nil
		}
		why := failureOf(err)
		if try == maxTries || why.Cause != registryThrottled && why.Cause != registryUnavailable {
			return nil, why
		}
		time.Sleep(min(max(pause, wait), longestPause))
		pause *= 2
	}
}

// tryOnce also gives how long the registry asks us to wait.
func (r *registry) tryOnce(address, accept string, absent cause) (io.ReadCloser, time.Duration, error) {
	ctx, cancel := context.WithCancel(context.Background())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		cancel()
		return nil, 0, err
	}
	request.Header.Set("Accept", accept)
	answer, err := r.client.Do(request)
	if err != nil {
		cancel()
		if f, ok := errors.AsType[failure](err); ok {
			return nil, 0, f
		}
		return nil, 0, fail(registryUnavailable, "the registry does not answer: %v", withoutQuery(err))
	}
	if answer.StatusCode == http.StatusOK {
		return &body{answer.Body, cancel}, 0, nil
	}
	io.CopyN(io.Discard, answer.Body, 4096) // so that the connection can be used again
	answer.Body.Close()
	cancel()
	wait, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	return nil, time.Duration(wait) * time.Second, fail(causeOfStatus(answer.StatusCode, absent), "%s answers %q", answer.Request.URL.Host, answer.Status)
}

func causeOfStatus(status int, absent cause) cause {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return registryDenied
	case status == http.StatusNotFound:
		return absent
	case status == http.StatusTooManyRequests:
		return registryThrottled
	case status >= 500:
		return registryUnavailable
	}
	return scannerFailed
}

// withoutQuery takes the address out of an error: that of a redirect has a signature in it.
func withoutQuery(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// body is an answer's body. It breaks if nothing comes for too long, and says that it is the registry's fault if it breaks.
type body struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *body) Read(p []byte) (int, error) {
	timer := time.AfterFunc(silence, b.cancel)
	n, err := b.ReadCloser.Read(p)
	if late := !timer.Stop(); late && err != nil && err != io.EOF {
		return n, fail(registryUnavailable, "the registry sent nothing for %s", silence)
	}
	if err != nil && err != io.EOF { // also if it ends before its Content-Length
		return n, fail(registryUnavailable, "the connection to the registry broke: %v", err)
	}
	return n, err
}

func (b *body) Close() error {
	b.cancel()
	return b.ReadCloser.Close()
}
