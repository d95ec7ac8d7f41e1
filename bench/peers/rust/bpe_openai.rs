use crate::{Encode, Vocabulary};

pub fn load(v: &Vocabulary, _threads: usize) -> Result<Encode, String> {
    v.ranks()?;
    let tok = match v.name.as_str() {
        "cl100k_base" => bpe_openai::cl100k_base(),
        "o200k_base" => bpe_openai::o200k_base(),
        other => return Err(format!("has no {other}")),
    };
    tok.encode(" "); // it is made when first used
    Ok(Box::new(|text, ids| *ids = tok.encode(text)))
}
