package ledger

import "encoding/json"

// Format is the version of the ledger's file.
//
//	1: the first
const Format = 1

// StageCount is what one stage took in, kept and dropped.
type StageCount struct {
	Stage string `json:"stage"` // its folder: docs, verdicts/filter, plan, tokens
	Count Count  `json:"count"`
}

// JSON renders the counts of all stages, in their order, as JSON, with the
// total of each beside it.
func JSON(stages []StageCount) ([]byte, error) {
	type stage struct {
		Stage string `json:"stage"`
		Total Flow   `json:"total"`
		Count Count  `json:"count"`
	}
	file := struct {
		Format int     `json:"format"`
		Stages []stage `json:"stages"`
	}{Format: Format, Stages: []stage{}}
	for _, s := range stages {
		file.Stages = append(file.Stages, stage{s.Stage, s.Count.Total(), s.Count})
	}
	b, err := json.MarshalIndent(file, "", "  ")
	return append(b, '\n'), err
}
