"""Accuracies of simple classifiers on a representation."""

import numpy as np
from sklearn import linear_model, neighbors, pipeline, preprocessing


def nearest_neighbor_accuracy(
    train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray
) -> float:
    """Fraction of test rows whose nearest training row, by Euclidean distance, is of their class.

    Args:
        train: Training rows [N, F].
        train_labels: Their classes [N].
        test: Test rows [M, F].
        test_labels: Their classes [M].

    Example:
        >>> train, labels = np.array([[0.0], [1.0]]), np.array([0, 1])
        >>> test, test_labels = np.array([[0.1], [0.2], [0.9]]), np.array([0, 1, 1])
        >>> round(nearest_neighbor_accuracy(train, labels, test, test_labels), 4)
        0.6667

    Reference: Donahue et al., 2017, section 4.1. arXiv:1605.09782
    """
    _check(train, train_labels, test, test_labels)
    model = neighbors.KNeighborsClassifier(1, algorithm="brute").fit(train, train_labels)
    return float(model.score(test, test_labels))


def linear_accuracy(
    train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray
) -> float:
    """Fraction of test rows that a multinomial logistic regression puts in their class.

    Features are standardised by the training rows; scikit-learn's L2 penalty with C = 1, at most
    200 iterations of L-BFGS.

    Args:
        train: Training rows [N, F].
        train_labels: Their classes [N], two classes at least.
        test: Test rows [M, F].
        test_labels: Their classes [M].
    """
    _check(train, train_labels, test, test_labels)
    model = pipeline.make_pipeline(
        preprocessing.StandardScaler(), linear_model.LogisticRegression(max_iter=200, tol=1e-3)
    )
    return float(model.fit(train, train_labels).score(test, test_labels))


def _check(train, train_labels, test, test_labels) -> None:
    if (
        train.ndim != 2
        or train.shape[1:] != test.shape[1:]
        or len(train) != len(train_labels)
        or len(test) != len(test_labels)
    ):
        raise ValueError(
            "Rows must be [N, F] and [M, F] with N and M labels. "
            f"Received: {train.shape}, {train_labels.shape}, {test.shape}, {test_labels.shape}"
        )
