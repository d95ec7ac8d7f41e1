package vocab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// decodeStrict is json.Unmarshal for a file in which nothing is ambiguous. It refuses a
// field that v does not have, a key that is twice in one object, and anything behind the
// value. Of a key that is there twice encoding/json would join the values or take the last
// one, while the tokenizers library refuses some and takes the last of others. So the two
// could read different vocabularies.
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

// uniqueKeys looks for an object with a key twice in the next value, which is valid JSON.
//
// encoding/json takes "Vocab" for the field "vocab", so these are one key. The keys of a
// map are data and differ by their case: "The" and "the" are two tokens. isMap says that
// the value is such a map. There are two: vocab, and a template's special_tokens.
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
		name := strings.ToLower(strings.ToUpper(key)) // two steps: "ſ" is "S" in capitals, and then "s"
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
