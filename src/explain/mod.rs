//! A presigned URL read back as OSS reads it: is it valid, and if not, why not.
//!
//! [`verify`](verify::verify) judges a request as a server has to; [`explain`](report::explain)
//! tells its sender what is wrong. Both compute with the stage functions that sign, and both are
//! pure: the time is an argument.

pub mod answer;
mod bound;
pub mod cause;
pub mod claim;
pub mod damage;
pub mod diff;
pub mod guess;
pub mod host;
pub mod mask;
pub mod parse;
pub mod read;
mod render;
pub mod report;
pub mod see;
mod story;
pub mod verify;
