use crate::{Encode, Vocabulary};

pub fn load(v: &Vocabulary, _threads: usize) -> Result<Encode, String> {
    v.ranks()?;
    let tok = match v.name.as_str() {
        "cl100k_base" => tiktoken_rs::cl100k_base(),
        "o200k_base" => tiktoken_rs::o200k_base(),
        other => return Err(format!("has no {other}")),
    }
    .map_err(|e| e.to_string())?;
    Ok(Box::new(move |text, ids| *ids = tok.encode_ordinary(text)))
}
