//! What a YAML file holds, for a caller that looks for environments.

use palisade_source::File;
use palisade_yaml::{Document as Yaml, Kind, NodeRef};

use super::queries::parse_yaml;
use crate::api::Document;
use crate::inputs::Db;

/// The documents of a file, with their top-level keys and the patterns of their `include`.
pub fn documents(db: &dyn Db, file: File) -> Vec<Document> {
    let documents = parse_yaml(db, file).documents.iter();
    documents.map(describe).collect()
}

fn describe(document: &Yaml) -> Document {
    let root = document.root();
    let include = root.get("include");
    let one = include.filter(|node| node.kind() == Kind::Scalar);
    let many = include.into_iter().flat_map(NodeRef::items);
    let texts =
        |nodes: &mut dyn Iterator<Item = NodeRef<'_>>| nodes.filter_map(NodeRef::as_str).map(str::to_owned).collect();
    Document {
        index: document.index(),
        keys: texts(&mut root.entries().map(|entry| entry.key)),
        includes: texts(&mut one.into_iter().chain(many)),
        service_tags: root.get("service_tags").and_then(NodeRef::as_str).map(str::to_owned),
        keyless: !document.is_empty() && root.kind() != Kind::Mapping,
    }
}
