package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"normal-form/books"
)

const formVersion = 2

// form is what form.json says: what was read, and which layer of the original each layer of the normal form is; or why there is none.
type form struct {
	Version      int       `json:"version"`
	Failure      *failure  `json:"failure,omitempty"`
	Image        string    `json:"image,omitempty"`
	Config       string    `json:"config,omitempty"`
	NormalConfig string    `json:"normalConfig,omitempty"`
	Platform     *platform `json:"platform,omitempty"`
	JavaArchives *bool     `json:"javaArchives,omitempty"`
	Bytes        *int64    `json:"bytes,omitempty"`
	// DiffIDs are those of the config. By them base images are known: layers of the form may come in another order.
	DiffIDs []string    `json:"diffIds,omitzero"`
	Layers  []formLayer `json:"layers,omitzero"`
	// User is absent where the config names no user, or a number that is not root's name.
	User *user `json:"user,omitempty"`
	// Secrets are those that the reader itself found, and MoreSecrets how many are not listed.
	Secrets     []foundSecret `json:"secrets,omitzero"`
	MoreSecrets int           `json:"moreSecrets,omitempty"`
	// declared goes into the inventory.
	declared []books.Declaration
}

type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant,omitempty"`
}

type formLayer struct {
	Normal string `json:"normal"`
	Digest string `json:"digest"`
	DiffID string `json:"diffId"`
	Holds  holds  `json:"holds"`
}

func (f form) write(folder string) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "form.json"), append(text, '\n'), 0o644)
}
