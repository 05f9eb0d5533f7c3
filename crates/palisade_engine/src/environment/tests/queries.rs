//! What runs again after an edit, and what the queries give to the rest of the engine. The schema is the library's.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use palisade_source::{File, Severity};
use salsa::{Database, EventKind, Setter, Storage};

use crate::data::Data;
use crate::environment::queries::{index, parse_yaml};
use crate::environment::{
    EntityId, Resolution, diagnostics, documents, entities_of, entity, environment_name, locate, parse_place, resolve,
    shard, shards, top,
};
use crate::inputs::{Db, Environment, Program};
use crate::place::Part;
use crate::policy::schema::schema;
use crate::types::RecordId;

#[salsa::db]
#[derive(Clone)]
struct TestDb {
    storage: Storage<Self>,
    ran: Arc<Mutex<Vec<String>>>,
}

#[salsa::db]
impl Database for TestDb {}
#[salsa::db]
impl palisade_source::Db for TestDb {}
#[salsa::db]
impl Db for TestDb {}

/// A rule's view of one entity: reads its body and nothing else.
#[salsa::tracked(returns(copy))]
fn body_length(db: &dyn Db, program: Program, environment: Environment, id: EntityId) -> usize {
    entity(db, program, environment, id).map_or(0, |item| item.body(db).len())
}

/// A rule's view of a shard.
#[salsa::tracked(returns(copy))]
fn shard_size(db: &dyn Db, program: Program, environment: Environment, record: RecordId, number: usize) -> usize {
    shard(db, program, environment, record, number).len()
}

struct World {
    db: TestDb,
    program: Program,
    environment: Environment,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn policies(folder: &Path, prefix: &str, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{prefix}/{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            policies(&path, &name, found);
        } else if path.extension().is_some_and(|ending| ending == "pal") {
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

impl World {
    fn new(yaml: &str) -> Self {
        let ran: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = ran.clone();
        let note = move |event: salsa::Event| {
            if let EventKind::WillExecute { database_key } = event.kind {
                log.lock().unwrap().push(format!("{database_key:?}"));
            }
        };
        let db = TestDb { storage: Storage::new(Some(Box::new(note))), ran };
        let mut texts = Vec::new();
        policies(&root().join("policies"), "library", &mut texts);
        let file = |path: &str, text: &str| File::new(&db, path.into(), text.into());
        let library = texts.iter().map(|(path, text)| file(path, text)).collect();
        let data = |name: &str| {
            let text = std::fs::read_to_string(root().join("policies/azure").join(name)).unwrap();
            file(&format!("library/azure/{name}"), &text)
        };
        let (tags, regions, hosts) = (data("service_tags.yaml"), data("regions.yaml"), data("host_names.yaml"));
        let program = Program::new(&db, library, Vec::new(), String::new(), tags, regions, hosts, None);
        let environment = Environment::new(&db, file("dev.yaml", yaml), 0, Vec::new(), None);
        Self { db, program, environment }
    }

    fn record(&self, module: &str, name: &str) -> RecordId {
        schema(&self.db, self.program).value.find_record(module, name).unwrap()
    }

    fn ids(&self, module: &str, name: &str) -> Arc<[EntityId]> {
        entities_of(&self.db, self.program, self.environment, self.record(module, name))
    }

    fn edit(&mut self, from: &str, to: &str) {
        let file = *self.environment.file(&self.db);
        let text = file.text(&self.db).replace(from, to);
        assert_ne!(text, **file.text(&self.db), "the edit changes something");
        file.set_text(&mut self.db).to(text.into());
    }

    /// The names of the queries that ran, sorted, since the last time.
    fn ran(&self) -> Vec<String> {
        let mut ran = std::mem::take(&mut *self.db.ran.lock().unwrap());
        ran.sort();
        ran
    }

    fn count(&self, query: &str) -> usize {
        self.ran().iter().filter(|name| name.starts_with(query)).count()
    }

    fn faults(&self) -> Vec<String> {
        let all = diagnostics(&self.db, self.program, self.environment).into_iter();
        all.filter(|d| d.severity == Severity::Error)
            .map(|d| format!("{}: {} {:?}", d.code, d.message, d.help))
            .collect()
    }

    fn located(&self, place: &str) -> String {
        let place = parse_place(place).unwrap();
        let span = locate(&self.db, self.program, self.environment, &place, Part::Entry).unwrap();
        self.environment.file(&self.db).text(&self.db)[span.range].to_owned()
    }
}

fn groups(count: usize) -> String {
    let mut text = String::from("# groups\nnetwork_security_groups:\n");
    for group in 0..count {
        writeln!(
            text,
            "  g{group}: {{ rules: [{{ name: a, priority: 1{group:03}, direction: inbound, access: deny, protocol: tcp, destination_ports: 1 }}] }}"
        )
        .unwrap();
    }
    text
}

const GROUP: (&str, &str) = ("azure.network", "NetworkSecurityGroup");

#[test]
fn a_comment_runs_parsing_and_loading_and_no_rule() {
    let mut world = World::new(&groups(5));
    let all = |world: &World| {
        for id in world.ids(GROUP.0, GROUP.1).iter() {
            body_length(&world.db, world.program, world.environment, *id);
        }
    };
    all(&world);
    assert_eq!(world.count("body_length"), 5);
    world.edit("# groups\n", "# five groups\n\n");
    all(&world);
    let ran = world.ran();
    let name = |query: &String| query.split(['(', '<']).next().unwrap_or_default().to_owned();
    let mut names: Vec<String> = ran.iter().map(name).collect();
    names.dedup();
    assert_eq!(names, ["items", "loaded", "order", "parse_yaml"]);
}

#[test]
fn one_changed_rule_runs_what_reads_its_group_alone() {
    let mut world = World::new(&groups(5));
    let ids = world.ids(GROUP.0, GROUP.1);
    let all = |world: &World| {
        for id in ids.iter() {
            body_length(&world.db, world.program, world.environment, *id);
        }
    };
    all(&world);
    world.ran();
    world.edit("priority: 1003", "priority: 1103");
    all(&world);
    assert_eq!(world.count("body_length"), 1);
}

#[test]
fn one_new_entity_changes_one_shard() {
    let mut world = World::new(&groups(300));
    let record = world.record(GROUP.0, GROUP.1);
    let all = |world: &World| -> usize {
        let count = shards(&world.db, world.program, world.environment, record);
        (0..count).map(|number| shard_size(&world.db, world.program, world.environment, record, number)).sum()
    };
    assert_eq!(all(&world), 300, "each entity is in one shard");
    assert_eq!(world.count("shard_size"), 8, "300 entities, 64 in a shard, to the next power of two");
    world.edit("# groups\nnetwork_security_groups:\n", "network_security_groups:\n  new: {}\n");
    assert_eq!(all(&world), 301);
    assert_eq!(world.count("shard_size"), 1);
}

#[test]
fn an_entity_that_goes_away_is_gone_and_comes_back_the_same() {
    let mut world = World::new(&groups(2));
    let ids = world.ids(GROUP.0, GROUP.1);
    let there = |world: &World| entity(&world.db, world.program, world.environment, ids[1]).is_some();
    assert!(there(&world));
    world.edit("  g1:", "  h1:");
    assert!(!there(&world));
    world.edit("  h1:", "  g1:");
    assert!(there(&world));
    assert_eq!(world.ids(GROUP.0, GROUP.1), ids);
}

const NETWORKS: &str = "
name: dev
defaults: { region: eastus2 }
virtual_networks:
  ml: { address_space: [10.0.0.0/16], subnets: { training: { prefixes: [10.0.0.0/24] }, only: { prefixes: [10.0.1.0/24] } } }
  hub: { address_space: [10.1.0.0/16], region: westus2, subnets: { training: { prefixes: [10.1.0.0/24] } } }
";

#[test]
fn texts_are_resolved_to_entities() {
    let world = World::new(NETWORKS);
    let subnet = world.record("azure.network", "Subnet");
    let place = |id: EntityId| id.place(&world.db).to_string();
    let show =
        |targets: &[RecordId], text: &str| match resolve(&world.db, world.program, world.environment, targets, text) {
            Resolution::Found(id) => place(id),
            Resolution::Missing { suggestion } => format!("missing, {suggestion:?}"),
            Resolution::Ambiguous(ids) => format!("{:?}", ids.into_iter().map(place).collect::<Vec<_>>()),
            Resolution::OtherKind(id) => format!("other kind: {}", place(id)),
        };
    assert_eq!(show(&[subnet], "only"), "virtual_networks.ml.subnets.only");
    assert_eq!(show(&[subnet], "HUB/training"), "virtual_networks.hub.subnets.training");
    assert_eq!(show(&[subnet], "onyl"), "missing, Some(\"only\")");
    assert_eq!(show(&[subnet], "ml"), "other kind: virtual_networks.ml");
    assert_eq!(
        show(&[], "training"),
        "[\"virtual_networks.ml.subnets.training\", \"virtual_networks.hub.subnets.training\"]"
    );
    assert_eq!(index(&world.db, world.program, world.environment).unique_name(1), "ml/training");
}

#[test]
fn places_are_located_and_defaults_where_they_are_written() {
    let world = World::new(NETWORKS);
    assert_eq!(world.faults(), Vec::<String>::new());
    assert_eq!(world.located("virtual_networks.ml.region"), "region: eastus2");
    assert_eq!(world.located("virtual_networks.hub.region"), "region: westus2");
    assert_eq!(world.located("virtual_networks.hub.subscription"), "hub");
    let name = environment_name(&world.db, world.program, world.environment);
    assert_eq!(name.as_deref(), Some("dev"));
    let fields = &schema(&world.db, world.program).value.environment;
    let body = top(&world.db, world.program, world.environment);
    assert_eq!(body.len(), fields.len());
    assert!(body.contains(&Data::Text("dev".into())));
}

#[test]
fn an_entity_knows_its_owner_and_its_defaults() {
    let world = World::new(NETWORKS);
    let subnets = world.ids("azure.network", "Subnet");
    let item = |id| entity(&world.db, world.program, world.environment, id).unwrap();
    let first = item(subnets[0]);
    let network = first.owner(&world.db).unwrap();
    assert_eq!((first.name(&world.db).as_str(), item(network).name(&world.db).as_str()), ("training", "ml"));
    assert_eq!(item(network).from_defaults(&world.db).len(), 1);
}

#[test]
fn the_documents_of_a_file_are_described() {
    let world = World::new("name: a\ninclude: [x.yaml, 'y/*.yaml']\n---\n- 1\n---\ninclude: z.yaml\n");
    let file = *world.environment.file(&world.db);
    let found = documents(&world.db, file);
    let shown: Vec<_> = found.iter().map(|d| (d.index, d.keys.join(" "), d.includes.join(" "))).collect();
    assert_eq!(
        shown,
        [
            (0, "name include".to_owned(), "x.yaml y/*.yaml".to_owned()),
            (1, String::new(), String::new()),
            (2, "include".to_owned(), "z.yaml".to_owned())
        ]
    );
    assert_eq!(parse_yaml(&world.db, file).documents.len(), 3);
}

#[test]
fn the_environments_of_the_repository_load_as_they_stand() {
    let mut read = 0;
    for entry in std::fs::read_dir(root().join("tests/envs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "yaml") {
            let world = World::new(&std::fs::read_to_string(&path).unwrap());
            assert_eq!(world.faults(), Vec::<String>::new(), "{}", path.display());
            read += 1;
        }
    }
    assert!(read > 5, "{read} environments");
}
