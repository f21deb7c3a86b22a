"""What an app is, as frozen data: made by `definition`, read by everything above."""
