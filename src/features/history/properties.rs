//! What holds for histories of any rows.
