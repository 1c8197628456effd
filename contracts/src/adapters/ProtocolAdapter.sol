// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {IAggregator} from "../interfaces/external/IAggregator.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title What all adapters share.
/// @notice Only the escrow may call what changes state. Approvals are exact and to the protocol alone, and every amount
/// reported is a measured balance difference, so tokens sent here by mistake are neither counted nor spent.
abstract contract ProtocolAdapter is ILiquidationAdapter {
    using SafeERC20 for IERC20;

    /// @notice The only account that may liquidate and return surplus.
    address public immutable ESCROW;
    /// @notice The lending protocol's contract that pulls tokens.
    address public immutable PROTOCOL;
    /// @notice Gets the surplus of positions that left their lenders with debt and no collateral.
    address public immutable BAD_DEBT_RECIPIENT;
    /// @notice Oldest price accepted, in seconds.
    uint256 public immutable MAX_PRICE_AGE;

    /// @dev What `prepare` found out for `liquidate`, and the hash of the position and repay amount it holds for.
    bytes32 private transient _preparedFor;
    uint256 private transient _plan;

    error NotEscrow(address caller);
    error ZeroAddress();
    error NonCanonicalPosition();
    error SameAsset(address asset);
    error PriceMissing(address source);
    error PriceStale(address source, uint256 updatedAt);

    modifier onlyEscrow() {
        if (msg.sender != ESCROW) revert NotEscrow(msg.sender);
        _;
    }

    constructor(address protocol, address escrow, address badDebtRecipient, uint256 maxPriceAge) {
        if (protocol == address(0) || escrow == address(0) || badDebtRecipient == address(0)) revert ZeroAddress();
        PROTOCOL = protocol;
        ESCROW = escrow;
        BAD_DEBT_RECIPIENT = badDebtRecipient;
        MAX_PRICE_AGE = maxPriceAge;
    }

    /// @inheritdoc ILiquidationAdapter
    function assess(bytes calldata position)
        public
        view
        virtual
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health);

    /// @inheritdoc ILiquidationAdapter
    function prepare(bytes calldata position)
        external
        virtual
        onlyEscrow
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        return assess(position);
    }

    /// @inheritdoc ILiquidationAdapter
    function liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient)
        external
        onlyEscrow
        returns (uint256 repaid)
    {
        (IERC20 collateral, IERC20 debt) = _tokens(position);
        uint256 debtBefore = debt.balanceOf(address(this));
        uint256 collateralBefore = collateral.balanceOf(address(this));

        debt.forceApprove(PROTOCOL, repay);
        _liquidate(position, repay, wanted, recipient);

        repaid = debtBefore - debt.balanceOf(address(this));
        uint256 received = collateral.balanceOf(address(this)) - collateralBefore;
        if (received != 0) collateral.safeTransfer(recipient, received);
        if (repaid == repay) return repaid; // all of the approval is spent
        debt.forceApprove(PROTOCOL, 0);
        debt.safeTransfer(msg.sender, repay - repaid);
    }

    /// @dev The position's collateral and debt token. Reverts on a non-canonical encoding.
    function _tokens(bytes calldata position) internal view virtual returns (IERC20 collateral, IERC20 debt);

    /// @dev Calls the protocol, which pulls at most `repay` and sends the collateral here or to the recipient. `wanted`
    /// binds only adapters that can take an exact amount.
    function _liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient) internal virtual;

    /// @dev Keeps what a liquidation of `position` with exactly `repay` will need.
    function _remember(bytes calldata position, uint256 repay, uint256 plan) internal {
        (_preparedFor, _plan) = (keccak256(abi.encode(keccak256(position), repay)), plan);
    }

    /// @dev Hands out once what was kept; `known` is false for another position or amount.
    function _recall(bytes calldata position, uint256 repay) internal returns (bool known, uint256 plan) {
        known = _preparedFor == keccak256(abi.encode(keccak256(position), repay));
        if (known) (plan, _preparedFor) = (_plan, 0);
    }

    /// @dev Reverts unless the aggregator has a positive answer no older than allowed.
    function _requireFresh(address feed) internal view {
        (, int256 answer,, uint256 updatedAt,) = IAggregator(feed).latestRoundData();
        if (answer <= 0) revert PriceMissing(feed);
        if (updatedAt == 0 || block.timestamp > updatedAt + MAX_PRICE_AGE) revert PriceStale(feed, updatedAt);
    }

    /// @dev The address in the `index`-th word of the encoding, whose length the caller has checked. Reverts if the word's
    /// upper bits are set.
    function _addressAt(bytes calldata position, uint256 index) internal pure returns (address) {
        uint256 word;
        assembly ("memory-safe") {
            word := calldataload(add(position.offset, shl(5, index)))
        }
        if (word > type(uint160).max) revert NonCanonicalPosition();
        // forge-lint: disable-next-line(unsafe-typecast)
        return address(uint160(word));
    }
}
