//! A directory with a configuration, the toy provider, and a core to run on it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The example provider, which cargo builds beside the tests.
pub(crate) fn toy() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let toy = test.parent().and_then(Path::parent).unwrap().join("examples/toy");
    assert!(toy.exists(), "{} is missing: build the examples", toy.display());
    toy
}

pub(crate) struct Bench {
    root: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("boxes")).unwrap();
        std::fs::create_dir(root.path().join("bin")).unwrap();
        std::os::unix::fs::symlink(toy(), root.path().join("bin/terraform-provider-toy")).unwrap();
        let bin = root.path().join("bin");
        let config = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"example/toy\" = {:?}\n  }}\n  direct {{}}\n}}\n",
            bin.display().to_string()
        );
        std::fs::write(root.path().join("cli.tfrc"), config).unwrap();
        Self { root }
    }

    /// A configuration with the provider set up and `body`.
    pub(crate) fn configure(&self, body: &str) -> &Self {
        let head =
            "terraform {\n  required_providers {\n    toy = { source = \"example/toy\" }\n  }\n}\n";
        let boxes = self.path("boxes").display().to_string();
        let main = format!("{head}provider \"toy\" {{\n  directory = {boxes:?}\n}}\n{body}\n");
        std::fs::write(self.path("main.tf"), main).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A core that is ready to run in this directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let terraform =
            std::env::var_os("TERRAFORM").unwrap_or_else(|| OsString::from("terraform"));
        let mut command = Command::new(terraform);
        command
            .args(arguments)
            .current_dir(self.root.path())
            .env("TF_CLI_CONFIG_FILE", self.path("cli.tfrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env_remove("TF_LOG")
            .env_remove("TF_LOG_PROVIDER");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output();
        Run::new(output.expect("`terraform` is needed in PATH or in the variable TERRAFORM"))
    }

    /// Applies and says that a second plan has nothing left to do.
    pub(crate) fn apply(&self) -> Run {
        let applied = self.run(&["apply", "-auto-approve", "-no-color"]).succeeded();
        let again = self.run(&["plan", "-detailed-exitcode", "-no-color"]);
        assert_eq!(again.status, Some(0), "the second plan is not empty:\n{}", again.text);
        applied
    }

    /// The attributes of `toy_box.a` as the state file has them.
    pub(crate) fn state(&self) -> String {
        self.run(&["state", "pull"]).succeeded().text
    }
}

pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) text: String,
}

impl Run {
    pub(crate) fn new(output: Output) -> Self {
        let text = [output.stdout, output.stderr].concat();
        Self { status: output.status.code(), text: String::from_utf8_lossy(&text).into_owned() }
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.status, Some(0), "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert_eq!(self.status, Some(1), "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, expected: &str) -> Self {
        assert!(self.text.contains(expected), "`{expected}` is missing in:\n{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn never_says(self, unexpected: &str) -> Self {
        assert!(!self.text.contains(unexpected), "`{unexpected}` is in:\n{}", self.text);
        self
    }
}
