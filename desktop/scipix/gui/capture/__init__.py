"""From a grab of the screens to the picture that the user framed."""
