//go:build registry && linux

package main

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// authorization is how a registry is read: where it is, and the words that let us in.
type authorization struct {
	endpoint *url.URL
	header   string
}

const authorizationTimeout = 2 * time.Minute

// authorize asks ECR for a token. The SDK finds the credentials: those of the container, or of the environment.
func authorize(r repository) (authorization, error) {
	ctx, cancel := context.WithTimeout(context.Background(), authorizationTimeout)
	defer cancel()
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithRegion(r.region),
		// The role of the machine below is not ours to use.
		awsconfig.WithEC2IMDSClientEnableState(imds.ClientDisabled),
	}
	if r.fips {
		options = append(options, awsconfig.WithUseFIPSEndpoint(aws.FIPSEndpointStateEnabled))
	}
	if r.dualStack {
		options = append(options, awsconfig.WithUseDualStackEndpoint(aws.DualStackEndpointStateEnabled))
	}
	settings, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return authorization{}, fail(scannerFailed, "the AWS settings cannot be read: %v", err)
	}
	answer, err := ecr.NewFromConfig(settings).GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return authorization{}, fail(causeOfAPI(err), "ecr:GetAuthorizationToken: %v", err)
	}
	if len(answer.AuthorizationData) == 0 {
		return authorization{}, fail(scannerFailed, "ecr:GetAuthorizationToken answered without a token")
	}
	data := answer.AuthorizationData[0]
	endpoint, err := endpointOf(r, aws.ToString(data.ProxyEndpoint))
	return authorization{endpoint, "Basic " + aws.ToString(data.AuthorizationToken)}, err
}

// endpointOf is where the registry is. On AWS the answer names the registry of the caller's own account, and the token opens all that the caller
// may read: there, the host that we were given is the right one. An emulated cloud has no such hosts, and names where it listens.
func endpointOf(r repository, answered string) (*url.URL, error) {
	endpoint, err := url.Parse(answered)
	if err != nil || endpoint.Host == "" {
		return nil, fail(scannerFailed, "ecr:GetAuthorizationToken answered with the endpoint %.200q", answered)
	}
	if isECR(endpoint.Hostname()) {
		return &url.URL{Scheme: "https", Host: r.host}, nil
	}
	if endpoint.Scheme != "https" && !isLocal(endpoint) {
		return nil, fail(scannerFailed, "ecr:GetAuthorizationToken answered with the endpoint %.200q: only https, or http on this machine, may have the token", answered)
	}
	return &url.URL{Scheme: endpoint.Scheme, Host: endpoint.Host}, nil
}

func causeOfAPI(err error) cause {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code := api.ErrorCode()
		switch {
		case strings.Contains(code, "Throttl"), code == "TooManyRequestsException":
			return registryThrottled
		case strings.Contains(code, "AccessDenied"), strings.Contains(code, "Token"), strings.Contains(code, "Signature"), code == "UnrecognizedClientException":
			return registryDenied
		}
	}
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.HTTPStatusCode() > 0 && answer.HTTPStatusCode() < 500 {
		switch answer.HTTPStatusCode() {
		case 401, 403:
			return registryDenied
		case 429:
			return registryThrottled
		}
		return scannerFailed
	}
	if _, ok := errors.AsType[*smithy.OperationError](err); ok && !isAboutCredentials(err) {
		return registryUnavailable
	}
	return scannerFailed
}

// isAboutCredentials reports that no credentials were found. A retry does not fix that.
func isAboutCredentials(err error) bool { return strings.Contains(err.Error(), "get identity: ") }
