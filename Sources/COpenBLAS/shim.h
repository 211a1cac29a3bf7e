#pragma once
#include <cblas.h>

// LAPACK, which OpenBLAS contains; its header is a package of its own. Matrices are column-major.
void dposv_(
    const char *uplo, const blasint *n, const blasint *nrhs, double *a, const blasint *lda, double *b,
    const blasint *ldb, blasint *info);
void dpotrf_(const char *uplo, const blasint *n, double *a, const blasint *lda, blasint *info);
void dpotri_(const char *uplo, const blasint *n, double *a, const blasint *lda, blasint *info);
void dsyevr_(
    const char *jobz, const char *range, const char *uplo, const blasint *n, double *a, const blasint *lda,
    const double *vl, const double *vu, const blasint *il, const blasint *iu, const double *abstol, blasint *m,
    double *w, double *z, const blasint *ldz, blasint *isuppz, double *work, const blasint *lwork, blasint *iwork,
    const blasint *liwork, blasint *info);
void dsyev_(
    const char *jobz, const char *uplo, const blasint *n, double *a, const blasint *lda, double *w, double *work,
    const blasint *lwork, blasint *info);
