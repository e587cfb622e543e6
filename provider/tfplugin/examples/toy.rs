//! A provider that keeps things in files, for trying the server with a real core.
//!
//! `toy_box` has every shape of attribute; the directory of the provider block holds one file per
//! box. Names make it misbehave: `panic` panics in apply, `slow` waits until it is cancelled.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a toy for tests, which misbehaves on request"
)]

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tfplugin::*;
use tokio::sync::Notify;

fn main() -> ExitCode {
    let options = Options::from_arguments("registry.terraform.io/example/toy", std::env::args());
    run(Toy::default(), options)
}

#[derive(Default)]
struct Toy {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    directory: Mutex<PathBuf>,
    stopped: Notify,
}

impl Shared {
    fn file(&self, name: &str) -> PathBuf {
        self.directory.lock().unwrap().join(name)
    }
}

#[async_trait]
impl Provider for Toy {
    fn schema(&self) -> Schema {
        Schema {
            attributes: vec![
                Attribute::required("directory", Type::String).described("Where boxes are kept."),
            ],
            ..Schema::default()
        }
    }

    async fn configure(&self, request: ConfigureRequest, d: &mut Diagnostics) {
        tracing::info!(version = request.terraform_version, "configured");
        match request.config.attribute("directory").as_str() {
            Some(directory) => *self.shared.directory.lock().unwrap() = directory.into(),
            None => d.attribute_error("directory", "the directory is not known", ""),
        }
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![Arc::new(Box_(Arc::clone(&self.shared)))]
    }

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        vec![Arc::new(Count(Arc::clone(&self.shared)))]
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        vec![Arc::new(Shout)]
    }

    async fn stop(&self) {
        self.shared.stopped.notify_waiters();
    }
}

struct Box_(Arc<Shared>);

#[async_trait]
impl Resource for Box_ {
    fn type_name(&self) -> &str {
        "toy_box"
    }

    fn schema(&self) -> Schema {
        let item = vec![
            Attribute::required("name", Type::String),
            Attribute::optional("weight", Type::Number),
            Attribute::optional_computed("label", Type::String),
        ];
        Schema {
            version: 1,
            description: "A box.".into(),
            attributes: vec![
                Attribute::required("name", Type::String),
                Attribute::optional_computed("color", Type::String),
                Attribute::optional("ratio", Type::Number),
                Attribute::optional("secret", Type::String).sensitive(),
                Attribute::optional("anything", Type::Dynamic),
                Attribute::optional("tags", Type::set(Type::String)),
                Attribute::nested("items", Mode::Optional, Nesting::List, item.clone()),
                Attribute::nested("lid", Mode::Optional, Nesting::Single, item),
                Attribute::computed("revision", Type::Number),
            ],
        }
    }

    async fn validate(&self, config: &Value, d: &mut Diagnostics) {
        if config.attribute("name").as_str() == Some("") {
            d.attribute_error("name", "a box needs a name", "give it one");
        }
    }

    async fn read(&self, request: ReadRequest, d: &mut Diagnostics) -> ReadResponse {
        let name = request.state.attribute("name").as_str().unwrap_or_default().to_owned();
        let Ok(color) = std::fs::read_to_string(self.0.file(&name)) else {
            return ReadResponse::default();
        };
        let imported = request.state.attribute("revision").is_null();
        if !imported && request.private != b"private" {
            d.warning("the private bytes are lost", format!("{:?}", request.private));
        }
        let mut read = ReadResponse::unchanged(request);
        read.state.set_attribute("color", color);
        if imported {
            read.state.set_attribute("revision", 1);
            read.private = b"private".to_vec();
        }
        read
    }

    async fn plan(&self, request: PlanRequest, _d: &mut Diagnostics) -> PlanResponse {
        let mut planned = request.proposed.clone();
        if planned.attribute("color").is_null() {
            planned.set_attribute("color", "brown");
        }
        for path in ["items", "lid"] {
            let objects = match planned.at_mut(&path.into()) {
                Some(Value::List(items)) => items.iter_mut().collect(),
                Some(Value::Null) | None => Vec::new(),
                Some(one) => vec![one],
            };
            for object in objects {
                if object.attribute("label").is_null() {
                    let label = object.attribute("name").clone();
                    object.set_attribute("label", label);
                }
            }
        }
        if request.prior.is_null() || planned != request.prior {
            planned.set_attribute("revision", Value::Unknown);
        }
        let findings = rules::check_plan(&self.schema(), &request.config, &request.prior, &planned);
        assert!(findings.is_empty(), "{findings:?}");
        let requires_replace = vec![AttributePath::from("name")];
        PlanResponse { planned, requires_replace, private: request.private, identity: None }
    }

    async fn apply(&self, request: ApplyRequest, d: &mut Diagnostics) -> ApplyResponse {
        let name = request.planned.attribute("name").as_str().unwrap_or_default().to_owned();
        if name == "panic" {
            panic!("out of cardboard");
        }
        if name == "slow" {
            std::fs::write(self.0.file("started"), "").unwrap();
            let stop = tokio::time::timeout(Duration::from_secs(60), self.0.stopped.notified());
            d.error(if stop.await.is_ok() { "cancelled" } else { "not cancelled" }, "");
            return ApplyResponse::unchanged(request);
        }
        if request.is_destroy() {
            let name = request.prior.attribute("name").as_str().unwrap_or_default().to_owned();
            if let Err(error) = std::fs::remove_file(self.0.file(&name)) {
                d.error("cannot remove the box", error.to_string());
                return ApplyResponse::unchanged(request);
            }
            return ApplyResponse::default();
        }
        if !request.is_create() && request.private != b"private" {
            d.error("the private bytes are lost", format!("{:?}", request.private));
        }
        let color = request.planned.attribute("color").as_str().unwrap_or_default();
        if let Err(error) = std::fs::write(self.0.file(&name), color) {
            d.error("cannot write the box", error.to_string());
            return ApplyResponse::unchanged(request);
        }
        let revision = request.prior.attribute("revision").as_i64().unwrap_or(0) + 1;
        let mut state = request.planned.clone();
        state.set_attribute("revision", revision);
        let findings = rules::check_apply(&self.schema(), &request.planned, &state);
        assert!(findings.is_empty(), "{findings:?}");
        ApplyResponse { state, private: b"private".to_vec(), identity: None }
    }

    async fn import(&self, id: &str, _d: &mut Diagnostics) -> Option<ImportResponse> {
        let state = Value::object([("name", id)]);
        Some(ImportResponse { state, ..ImportResponse::default() })
    }
}

struct Count(Arc<Shared>);

#[async_trait]
impl DataSource for Count {
    fn type_name(&self) -> &str {
        "toy_count"
    }

    fn schema(&self) -> Schema {
        Schema {
            attributes: vec![Attribute::computed("count_of_boxes", Type::Number)],
            ..Schema::default()
        }
    }

    async fn read(&self, mut config: Value, d: &mut Diagnostics) -> Value {
        match std::fs::read_dir(self.0.file("")) {
            Ok(entries) => config.set_attribute("count_of_boxes", entries.count() as u64),
            Err(error) => d.error("cannot count", error.to_string()),
        }
        config
    }
}

struct Shout;

#[async_trait]
impl Function for Shout {
    fn name(&self) -> &str {
        "shout"
    }

    fn signature(&self) -> FunctionSignature {
        FunctionSignature {
            summary: "Says it louder.".into(),
            description: String::new(),
            parameters: vec![Parameter::new("text", Type::String, "What to say.")],
            variadic: None,
            returns: Type::String,
            deprecated: None,
        }
    }

    async fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        match arguments.first().and_then(Value::as_str) {
            Some("") => Err(FunctionError::argument(0, "there is nothing to shout")),
            Some(text) => Ok(text.to_uppercase().into()),
            None => Ok(Value::Null),
        }
    }
}
