//! Values on their way through plan, apply, state and back.

use crate::bench::Bench;

const FULL: &str = r#"
resource "toy_box" "a" {
  name     = "a"
  ratio    = 0.1
  secret   = "hush"
  anything = { list = [1, 2.5, "x"], flag = true }
  tags     = ["b", "a"]
  items    = [{ name = "one", weight = 1e40 }, { name = "two", label = "II" }]
  lid      = { name = "top" }
}
"#;

#[test]
fn a_resource_lives_from_create_to_destroy() {
    let bench = Bench::new();
    bench.configure(FULL).run(&["validate", "-no-color"]).succeeded();
    bench.run(&["plan", "-no-color"]).succeeded().says("1 to add").never_says("hush");
    bench.apply();
    let state = bench.state();
    for part in [r#""ratio": 0.1,"#, r#""label": "II""#, r#""label": "top""#, r#""revision": 1"#] {
        assert!(state.contains(part), "`{part}` is missing in {state}");
    }

    bench.configure(&FULL.replace("weight = 1e40", "weight = 3"));
    let plan = bench.run(&["plan", "-no-color"]).succeeded().says("1 to change");
    let changed: Vec<_> = plan.text.lines().filter(|line| line.contains(" -> ")).collect();
    assert_eq!(changed.len(), 2, "{}", plan.text);
    assert!(changed[0].contains("weight") && changed[1].contains("revision"), "{changed:?}");
    bench.apply();

    std::fs::write(bench.path("boxes/a"), "green").unwrap();
    bench.run(&["plan", "-refresh-only", "-no-color"]).succeeded().says("\"green\"");
    bench.configure(&FULL.replace("\"a\"\n  ratio", "\"c\"\n  ratio"));
    bench.run(&["plan", "-no-color"]).succeeded().says("forces replacement");

    bench.run(&["destroy", "-auto-approve", "-no-color"]).succeeded().says("1 destroyed");
    assert!(!bench.path("boxes/a").exists());
}

#[test]
fn numbers_keep_their_spelling() {
    let bench = Bench::new();
    for number in ["0.1", "0.5", "-3", "12345678901234567890123", "1.000000000000000000000000001"] {
        bench.configure(&format!(
            "resource \"toy_box\" \"a\" {{\n name = \"a\"\n ratio = {number}\n}}"
        ));
        bench.apply();
        let state = bench.state();
        assert!(state.contains(&format!("\"ratio\": {number},")), "{number}: {state}");
    }
}

#[test]
fn an_attribute_of_five_megabytes_passes() {
    let bench = Bench::new();
    bench.configure(
        "resource \"toy_box\" \"a\" {\n name = \"a\"\n secret = file(\"${path.module}/large\")\n}",
    );
    std::fs::write(bench.path("large"), "x".repeat(5 * 1024 * 1024)).unwrap();
    bench.apply();
}

#[test]
fn an_existing_object_is_imported() {
    let bench = Bench::new();
    bench.configure("resource \"toy_box\" \"a\" {\n name = \"a\"\n}");
    std::fs::write(bench.path("boxes/a"), "red").unwrap();
    bench.run(&["import", "-no-color", "toy_box.a", "a"]).succeeded();
    let plan = bench.run(&["plan", "-detailed-exitcode", "-no-color"]);
    assert_eq!(plan.status, Some(0), "{}", plan.text);
    bench.run(&["state", "rm", "toy_box.a"]).succeeded();
    bench.run(&["import", "-no-color", "toy_box.a", "b"]).failed().says("non-existent");
}

#[test]
fn private_bytes_survive() {
    let bench = Bench::new();
    bench.configure("resource \"toy_box\" \"a\" {\n name = \"a\"\n}");
    bench.apply();
    for color in ["red", "blue"] {
        bench.configure(&format!(
            "resource \"toy_box\" \"a\" {{\n name = \"a\"\n color = \"{color}\"\n}}"
        ));
        bench.run(&["apply", "-auto-approve", "-no-color"]).succeeded().never_says("private bytes");
    }
}

#[test]
fn unknown_values_pass_through_a_plan() {
    let bench = Bench::new();
    bench.configure(
        r#"
        resource "toy_box" "a" { name = "a" }
        resource "toy_box" "b" {
          name     = "b"
          ratio    = toy_box.a.revision
          anything = { revision = toy_box.a.revision }
          tags     = ["r${toy_box.a.revision}"]
          items    = [{ name = "n${toy_box.a.revision}" }]
        }
        "#,
    );
    bench.run(&["plan", "-no-color"]).succeeded().says("ratio").says("(known after apply)");
    bench.apply();
}

#[test]
fn data_sources_and_functions_answer() {
    let bench = Bench::new();
    bench.configure(
        r#"
        data "toy_count" "c" {}
        output "count" { value = data.toy_count.c.count_of_boxes }
        output "shout" { value = provider::toy::shout("hello") }
        "#,
    );
    bench.apply().says("count = 0").says("shout = \"HELLO\"");
    bench.configure(r#"output "shout" { value = provider::toy::shout("") }"#);
    bench.run(&["plan", "-no-color"]).failed().says("there is nothing to shout");
}

#[test]
fn diagnostics_point_at_the_attribute() {
    let bench = Bench::new();
    bench.configure("resource \"toy_box\" \"a\" {\n  name = \"\"\n}");
    bench
        .run(&["validate", "-no-color"])
        .failed()
        .says("a box needs a name")
        .says("name = \"\"")
        .says("give it one");
}
