package crawl

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/codemill/codemill/corpus"
	"github.com/codemill/codemill/crawl/jsonl"
)

// metadata is what the metadata file says of a repository.
type metadata struct {
	Stars, Forks int64 // -1 when not known
	CreatedAt    int64 // Unix seconds, 0 when not known
}

var noMetadata = metadata{Stars: -1, Forks: -1}

func (m metadata) put(d *corpus.Doc) { d.Stars, d.Forks, d.CreatedAt = m.Stars, m.Forks, m.CreatedAt }

// maxMetadataLine is how many bytes a line of the metadata file may have.
const maxMetadataLine = 1 << 20

// readMetadata reads the metadata file, "" for none, and returns what it says of the
// repositories that are wanted. Of two lines on one repository the later counts.
func readMetadata(ctx context.Context, path string, wanted map[string]bool) (map[string]metadata, error) {
	rows := map[string]metadata{}
	if path == "" {
		return rows, nil
	}
	n := 0
	for line, err := range jsonl.Lines(ctx, path, maxMetadataLine) {
		n++
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var repo string
		var m metadata
		if err == nil {
			repo, m, err = parseMetadata(line)
		}
		if err != nil {
			return nil, fmt.Errorf("metadata: %s:%d: %w", path, n, err)
		}
		if wanted[repo] {
			rows[repo] = m
		}
	}
	return rows, nil
}

func parseMetadata(line []byte) (string, metadata, error) {
	var v struct {
		Repo         string          `json:"repo"`
		Stars, Forks json.RawMessage // matched without regard to case
		CreatedAt    json.RawMessage `json:"created_at"`
	}
	m := noMetadata
	if err := json.Unmarshal(line, &v); err != nil {
		return "", m, err
	}
	if v.Repo == "" {
		return "", m, fmt.Errorf("no repo")
	}
	for _, c := range []struct {
		name string
		from json.RawMessage
		read func(any) (int64, error)
		to   *int64
	}{
		{"stars", v.Stars, wholeNumber, &m.Stars},
		{"forks", v.Forks, wholeNumber, &m.Forks},
		{createdColumn, v.CreatedAt, unixTime, &m.CreatedAt},
	} {
		value := jsonl.Value(c.from)
		if value == nil {
			continue
		}
		n, err := c.read(value)
		if err != nil {
			return "", m, fmt.Errorf("%s: %w", c.name, err)
		}
		*c.to = n
	}
	return v.Repo, m, nil
}
