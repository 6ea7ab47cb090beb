//! Signed URLs on their way to Arrow.

use crate::batch::Urls;
use crate::error::Error;
use arrow_array::LargeBinaryArray;
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use bytes::Bytes;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// URLs in the shape of an Arrow array.
pub(super) struct Table {
    data: Buffer,
    offsets: Vec<i64>,
    validity: Option<NullBuffer>,
    pub(super) errors: Vec<(usize, Error)>,
}

impl Table {
    /// Takes over what was signed, without copying it.
    pub(super) fn of(urls: Urls) -> Self {
        let rows = urls.len();
        let nulls = |bits: Vec<u8>| NullBuffer::new(BooleanBuffer::new(bits.into(), 0, rows));
        Self {
            validity: urls.validity.map(nulls),
            data: Buffer::from(Bytes::from_owner(urls.data)),
            offsets: urls.offsets,
            errors: urls.errors,
        }
    }

    /// A copy with more rows at its end.
    pub(super) fn followed_by(mut self, urls: &Urls) -> Self {
        let end = self.data.len() as i64;
        let offsets = urls.offsets[1..].iter().map(|offset| end + offset);
        self.offsets.extend(offsets);
        self.data = [&*self.data, &*urls.data].concat().into();
        self.errors.extend(urls.errors.iter().cloned());
        // No URL is empty.
        self.validity = Some(self.offsets.windows(2).map(|ends| ends[0] != ends[1]).collect());
        self
    }

    /// The array: of bytes, as nobody wants to read through the URLs to see that they are text.
    pub(super) fn into_array(self) -> PyResult<LargeBinaryArray> {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        LargeBinaryArray::try_new(offsets, self.data, self.validity)
            .map_err(|error| PyValueError::new_err(error.to_string()))
    }
}
