// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AaveReserve, IAaveAddressesProvider, IAaveOracle, IAavePriceCap} from "../interfaces/external/IAaveV3.sol";
import {AaveReader} from "./AaveReader.sol";
import {ProtocolAdapter} from "./ProtocolAdapter.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Common parts of both Aave adapters: the position's encoding, the age of prices, the return of surplus.
/// @notice A position is `abi.encode(address user, address collateral, address debt)`.
abstract contract AaveAdapter is ProtocolAdapter, AaveReader {
    using SafeERC20 for IERC20;

    uint256 private constant RAY = 1e27;
    /// @dev One part in so many of an account's weighted collateral may have unusable prices.
    uint256 private constant NEGLIGIBLE_PART = 1000;
    uint256 private constant SUPPLY_CAP_MASK = 2 ** 36 - 1; // whole tokens

    constructor(IAaveAddressesProvider provider, address escrow, address badDebtRecipient, uint256 maxPriceAge)
        ProtocolAdapter(provider.getPool(), escrow, badDebtRecipient, maxPriceAge)
        AaveReader(provider)
    {}

    /// @notice Supplies the surplus on the user's behalf. Sends it to the user if the reserve takes no deposit
    /// (inactive, frozen, paused, cap reached, or the amount too small for a unit). The surplus of an account that left
    /// bad debt goes to the bad-debt recipient.
    /// @param position abi.encode(user, collateral, debt).
    /// @param amount Collateral units already here.
    /// @dev Escrow only. Aave enables the user's first deposit of an asset as collateral, and no later one: a user that
    /// holds the asset without using it as collateral finds the surplus in that balance. The conditions are read and
    /// not tried, so that a caller that gives too little gas cannot choose the outcome.
    function returnSurplus(bytes calldata position, uint256 amount) external onlyEscrow {
        (address user, address collateral,) = _decode(position);
        if (amount == 0) return;
        if (_leftBadDebt(user)) {
            IERC20(collateral).safeTransfer(BAD_DEBT_RECIPIENT, amount);
        } else if (_takesDeposit(collateral, amount)) {
            IERC20(collateral).forceApprove(PROTOCOL, amount);
            _pool().supply(collateral, amount, user, 0);
        } else {
            IERC20(collateral).safeTransfer(user, amount);
        }
    }

    function _tokens(bytes calldata position) internal pure override returns (IERC20, IERC20) {
        (, address collateral, address debt) = _decode(position);
        return (IERC20(collateral), IERC20(debt));
    }

    /// @dev Whether the user has debt and no collateral. Does not see debt that Aave has written off.
    function _leftBadDebt(address user) internal view virtual returns (bool) {
        uint256 used = _used(user);
        return used & BORROWING_BITS != 0 && used & COLLATERAL_BITS == 0;
    }

    /// @dev Reverts unless fresh prices exist for the position's collateral, for all assets that the user owes, and for
    /// all but a negligible part of the user's other collateral. The part is excepted because any account can supply
    /// two units of a reserve with a stale price on the user's behalf.
    /// @param used The user's configuration: two bits for each reserve.
    function _requireFreshPrices(address user, address collateral, uint256 used, Mode memory mode, IAaveOracle oracle)
        internal
        view
    {
        (uint256 unusableValue, uint256 bearable) = (0, 0); // base currency · basis points
        for (uint16 id; used != 0; (++id, used >>= 2)) {
            if (used & 3 == 0) continue;
            address asset = _pool().getReserveAddressById(id);
            (address source, uint256 updatedAt) = _unusablePrice(asset, oracle);
            if (source == address(0)) continue;
            if (used & 1 != 0 || asset == collateral) _refusePrice(source, updatedAt);
            (uint256 value, uint256 threshold) = _backing(user, asset, mode);
            unusableValue += value * threshold;
            if (unusableValue != 0 && bearable == 0) bearable = _negligible(user);
            if (unusableValue > bearable) _refusePrice(source, updatedAt);
        }
    }

    function _decode(bytes calldata position) internal pure returns (address user, address collateral, address debt) {
        if (position.length != 96) revert NonCanonicalPosition();
        (user, collateral, debt) = (_addressAt(position, 0), _addressAt(position, 1), _addressAt(position, 2));
        if (collateral == debt) revert SameAsset(collateral); // not served: the escrow tells the two by their token
    }

    /// @dev The source that makes an asset's price unusable, and the time of its answer (0: the answer is not positive,
    /// or its age is unknown). The zero address if the price is usable.
    function _unusablePrice(address asset, IAaveOracle oracle) private view returns (address, uint256) {
        address source = oracle.getSourceOfAsset(asset);
        if (source != address(0)) return _unusableSource(source);
        return (asset == oracle.BASE_CURRENCY() ? address(0) : asset, 0);
    }

    /// @dev A source without an age is as old as the aggregators that it names, which may be sources of the same kind.
    function _unusableSource(address source) private view returns (address unusable, uint256 updatedAt) {
        bool known;
        (known, updatedAt) = _answeredAt(source);
        if (known) return (_isFresh(updatedAt) ? address(0) : source, updatedAt);
        (, address asset) = _feed(source, IAavePriceCap.ASSET_TO_USD_AGGREGATOR.selector);
        (, address base) = _feed(source, IAavePriceCap.BASE_TO_USD_AGGREGATOR.selector);
        if (asset == address(0) && base == address(0)) return (source, 0);
        if (IAavePriceCap(source).latestAnswer() <= 0) return (source, 0);
        if (asset != address(0)) (unusable, updatedAt) = _unusableSource(asset);
        if (unusable == address(0) && base != address(0)) (unusable, updatedAt) = _unusableSource(base);
    }

    /// @dev How much of a user's weighted collateral may have unusable prices, in base currency · basis points.
    function _negligible(address user) private view returns (uint256) {
        (uint256 held,, uint256 threshold,) = _sums(user);
        return (held * threshold) / NEGLIGIBLE_PART;
    }

    /// @dev ValidationLogic.validateSupply, less the treasury's accrual since the reserve's last update.
    function _takesDeposit(address asset, uint256 amount) private view returns (bool) {
        AaveReserve memory reserve = _reserve(asset);
        if (reserve.configuration & (ACTIVE | FROZEN | PAUSED) != ACTIVE) return false;
        // Aave refuses what its index scales to nothing; the index of now is less than twice that of the last update.
        if (amount * RAY < 2 * uint256(reserve.liquidityIndex)) return false;
        uint256 cap = (reserve.configuration >> 116 & SUPPLY_CAP_MASK) * _unit(reserve);
        if (cap == 0) return true;
        uint256 toTreasury = Math.mulDiv(reserve.accruedToTreasury, _pool().getReserveNormalizedIncome(asset), RAY);
        return IERC20(reserve.aToken).totalSupply() + toTreasury + 1 + amount <= cap;
    }
}
