package vocab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeStrict is json.Unmarshal for a file in which nothing is ambiguous: no field
// that v has not, no key twice in one object, nothing behind the value. Of a key
// twice encoding/json would join the values or take the last one, the tokenizers
// library refuses some and takes the last of others.
func decodeStrict(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("there is something behind the end of the JSON object")
	}
	return uniqueKeys(json.NewDecoder(bytes.NewReader(data)), false)
}

// uniqueKeys looks for an object with a key twice in the next value, which is valid.
// Fields of structs are the same in capitals, as for encoding/json; the keys of maps,
// if the value is one, are not.
func uniqueKeys(dec *json.Decoder, isMap bool) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		if open == '[' {
			if err := uniqueKeys(dec, false); err != nil {
				return err
			}
			continue
		}
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key := token.(string)
		name := strings.ToLower(strings.ToUpper(key))
		if !isMap {
			key = name
		}
		if seen[key] {
			return fmt.Errorf("the key %.100q is there twice", token)
		}
		seen[key] = true
		if err := uniqueKeys(dec, !isMap && (name == "vocab" || name == "special_tokens")); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}
