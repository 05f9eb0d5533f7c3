//! Compiles anew when a file of the library is added, changed or removed: the macro that embeds it does not say so.

fn main() {
    println!("cargo::rerun-if-changed=../../policies");
}
