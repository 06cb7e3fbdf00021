# A program of two modules, for Linux and for Windows.
set -eu
command -v go > /dev/null || exit 69
work=$(mktemp -d)
cat > "$work/main.go" << 'GO'
package main

import (
	"os"

	"github.com/google/uuid"
	"golang.org/x/xerrors"
)

func main() {
	if len(os.Args) > 9 {
		panic(xerrors.New(uuid.NewString()))
	}
}
GO
cat > "$work/go.mod" << 'MOD'
module example.com/small

go 1.22

require (
	github.com/google/uuid v1.6.0
	golang.org/x/xerrors v0.0.0-20231012003039-104605ab7028
)
MOD
here=$PWD
mkdir linux windows
cd "$work"
go mod tidy >&2
export CGO_ENABLED=0 GOFLAGS=-mod=mod
GOOS=linux GOARCH=amd64 go build -trimpath -ldflags='-s -w' -o "$here/linux/small" .
GOOS=windows GOARCH=amd64 go build -trimpath -ldflags='-s -w' -o "$here/windows/small.exe" .
chmod -R u+w "$work"
rm -rf "$work"
