//! Notes of charts, and group notes: written once, one note per client who attended.
